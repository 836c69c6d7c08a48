import { abortError } from "../../../worker/contract/errors.ts";
import type { Training, TrainingEvent } from "../../../worker/training/train.ts";
import type { Output } from "../output/output.ts";
import { createProgressLine, type ProgressLine } from "../output/progress-line.ts";
import type { TrainingFolder } from "./training-folder.ts";

const SAVE_SECONDS = 30; // of work that a kill can cost
const STOPS = ["SIGINT", "SIGTERM"] as const; // a second one ends the process at once

export type Follower<Judged> = {
  readonly tell: Training<never, Judged>["tell"];
  /** No longer listens for signals. */
  readonly close: () => void;
};

/** What people read of how well it was learned. */
export type Describe<Judged> = (validation: Judged) => string;

/** Tells progress, keeps the log, and saves the run now and then, after each epoch, and when it is told to stop. */
export function followTraining<Judged>(
  folder: TrainingFolder<Judged>,
  describe: Describe<Judged>,
  output: Output,
): Follower<Judged> {
  const progress = createProgressLine(process.stderr, 10);
  let [stopped, saved] = [false, performance.now()];
  const stop = (): void => void (stopped = true);
  for (const signal of STOPS) process.once(signal, stop);
  return {
    async tell(event, capture) {
      await folder.log(event);
      tellEvent(event, describe, progress, output);
      const due = event.kind === "epoch" || performance.now() - saved > SAVE_SECONDS * 1000;
      if (!due && !stopped) return;
      await folder.writeState(await capture());
      saved = performance.now();
      if (stopped) throw abortError("Stopped and saved; the same command goes on from here.");
    },
    close() {
      for (const signal of STOPS) process.off(signal, stop);
    },
  };
}

function tellEvent<Judged>(
  event: TrainingEvent<Judged>,
  describe: Describe<Judged>,
  progress: ProgressLine,
  output: Output,
): void {
  if (event.kind === "update") {
    const { epoch, update, of, loss } = event;
    return progress.tell(update, `epoch ${epoch}, update ${update} of ${of}: loss ${loss.toFixed(4)}`);
  }
  progress.clear();
  const { epoch, update, loss, validation, best } = event;
  const held = validation ? `, of those held aside ${describe(validation)}` : "";
  output.result({ epoch, update, loss, validation, best }, `epoch ${epoch}: loss ${loss.toFixed(4)}${held}`);
}
