import type { Scalar } from "@tensorflow/tfjs-core";
import type { Random } from "../contract/random.ts";
import type { Pause } from "../contract/turns.ts";
import type { Learner } from "./trainable-model.ts";

/** A batch that is ready to be learned from. */
export type Task = {
  readonly weight: number; // of its loss beside those of an update's other batches
  readonly loss: () => Scalar; // a mean; differentiable
  readonly release: () => void;
};

/** What a run teaches, whatever it is, and how well it was learned. `Judged` holds numbers alone. */
export interface Lesson<Batch, Judged> {
  readonly learner: Learner;
  /** `random` is this batch's own: the same numbers give the same task. */
  prepare(batch: Batch, random: Random): Promise<Task>;
  /** What was held aside, null if it is nothing; `pause` is awaited after every batch. */
  judge(batches: AsyncIterable<Batch>, pause: Pause): Promise<Judged | null>;
  isBetter(now: Judged, before: Judged): boolean;
}
