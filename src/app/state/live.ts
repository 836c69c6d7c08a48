import { signal, type ReadonlySignal } from "@preact/signals";
import type { Classification, FrameSource, ModelInfo, Vision } from "../../index.ts";
import { describeFailure, isCancelled, isWorkerLoss, type Failure } from "./failure.ts";

/** How many classes a live picture shows: as many as can be read while they change. */
const TOP_K = 3;

/** Before a screen reader is told of it, a class must have been the best for so long. Milliseconds. */
const STEADY = 1500;

export type LiveTools = {
  readonly vision: () => Pick<Vision, "watch">;
  readonly announce: (text: string) => void;
  readonly now: () => number; // ms
};

/** What the model says of a camera's picture, again and again. */
export type Live = {
  readonly answer: ReadonlySignal<Classification | null>; // about the newest frame
  readonly failure: ReadonlySignal<Failure | null>; // why no more are coming
  /** Watches until the signal says stop. A worker that is lost on the way is given another chance. */
  readonly watch: (frames: FrameSource, model: ModelInfo, signal: AbortSignal) => Promise<void>;
};

export const createLive = ({ vision, announce, now }: LiveTools): Live => {
  const answer = signal<Classification | null>(null);
  const failure = signal<Failure | null>(null);

  const fail = (error: unknown): void => {
    const told = describeFailure(error);
    failure.value = told;
    announce(`${told.title} ${told.advice}`);
  };

  return {
    answer,
    failure,
    async watch(frames, model, abort) {
      const tell = createTeller(announce);
      let losses = 0;
      failure.value = null;
      while (!abort.aborted) {
        try {
          for await (const result of vision().watch(frames, { model, topK: TOP_K, signal: abort })) {
            losses = 0;
            answer.value = result;
            tell(result.predictions[0]?.label ?? "", now());
          }
          break;
        } catch (error) {
          if (isCancelled(error)) break;
          losses += 1;
          if (isWorkerLoss(error) && losses === 1) continue;
          fail(error);
          break;
        }
      }
      answer.value = null;
    },
  };
};

/** Reads out a class that has stayed the best for a while, once. */
const createTeller = (announce: (text: string) => void): ((label: string, at: number) => void) => {
  let [best, since, told] = ["", 0, ""];
  return (label, at) => {
    if (label !== best) [best, since] = [label, at];
    if (best === told || at - since < STEADY) return;
    told = best;
    announce(best);
  };
};
