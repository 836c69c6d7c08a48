import type { VNode } from "preact";
import type { LessonPlan } from "../../../../worker/contract/lab.ts";
import { useWords } from "../state/lab-context.ts";
import type { LessonPair } from "../state/lesson-pair.ts";
import { roundTime } from "../state/pace.ts";
import { LabFailure } from "./answered.tsx";
import { LineChart } from "./line-chart.tsx";
import { frameWords } from "./words.ts";

type TrainingPanelProps = {
  readonly pair: LessonPair;
  readonly names: readonly [string, string];
  readonly plans: readonly [LessonPlan, LessonPlan];
  readonly testId: string;
};

/** Starts and stops the training of two models, and shows how they come along. */
export const TrainingPanel = ({ pair, names, plans, testId }: TrainingPanelProps): VNode => {
  const words = useWords(frameWords);
  const phase = pair.phase.value;
  const reports = pair.reports.value;
  const left = pair.left.value;
  const last = reports[0].at(-1);
  const begun = reports[0].length > 1 && reports[1].length > 1;
  return (
    <div class="training">
      <TrainButton pair={pair} plans={plans} testId={testId} />
      {phase !== "idle" && (
        <>
          <progress aria-label={words.train} value={last?.update ?? 0} max={last?.of ?? 1} />
          <p class="hint">{words.heldOffScreen}</p>
        </>
      )}
      {last && (
        <p>
          {words.update} <strong data-testid={`${testId}-update`}>{last.update}</strong> / {last.of}
          {phase === "learning" && left !== null && <TimeLeft left={left} />}
        </p>
      )}
      {pair.failure.value !== null && <LabFailure failure={pair.failure.value} />}
      {begun && (
        <LineChart
          title={words.loss}
          x={words.update}
          y={words.loss}
          series={names.map((name, at) => ({
            name,
            points: reports[at as 0 | 1].map(({ update, loss }) => [update, loss]),
          }))}
        />
      )}
    </div>
  );
};

/** One button for the whole run, so that the keyboard stays at it. */
const TrainButton = ({ pair, plans, testId }: Omit<TrainingPanelProps, "names">): VNode => {
  const words = useWords(frameWords);
  const phase = pair.phase.value;
  const idle = phase === "idle";
  const examining = phase === "examining";
  const act = (): void => {
    if (idle) void pair.train(plans);
    else if (!examining) pair.stop();
  };
  return (
    <button
      type="button"
      class={idle ? "button button-main" : "button"}
      data-testid={`${testId}-${idle ? "train" : "stop"}`}
      aria-disabled={examining}
      onClick={act}
    >
      {idle ? words.train : examining ? words.computing : words.stop}
    </button>
  );
};

const TimeLeft = ({ left }: { left: number }): VNode => {
  const words = useWords(frameWords);
  const { unit, count } = roundTime(left);
  return <span class="hint"> · {words.left[unit](String(count))}</span>;
};
