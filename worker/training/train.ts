import type { Pause } from "../contract/turns.ts";
import {
  captureRun,
  restoreRun,
  settleRun,
  snapshot,
  type RunProgress,
  type RunState,
  type Snapshot,
} from "./run-state.ts";
import type { Validation } from "./evaluate.ts";
import type { LearningRecipe } from "./recipe.ts";
import type { Lesson } from "./lesson.ts";
import type { TrainingBatch, TrainingData } from "./training-data.ts";
import { TrainingRun, type UpdateReport } from "./training-run.ts";

/** What is told while a model learns; epochs and updates are counted from 1. */
export type TrainingEvent<Judged = Validation> =
  | (UpdateReport & { readonly kind: "update"; readonly epoch: number; readonly update: number; readonly of: number })
  | {
      readonly kind: "epoch";
      readonly epoch: number;
      readonly update: number; // made by then
      readonly loss: number; // mean over the epoch's updates
      readonly validation: Judged | null;
      readonly best: boolean; // of all epochs so far
    };

export type Training<Batch = TrainingBatch, Judged = Validation> = {
  readonly lesson: Lesson<Batch, Judged>; // its learner remains the caller's
  readonly data: TrainingData<Batch>;
  readonly recipe: LearningRecipe;
  readonly saved: RunState<Judged> | null; // to go on from
  /** Awaited after every batch; throw from it to stop. */
  readonly pause: Pause;
  /** Told and awaited after every update and epoch; `capture` reads the run as it then stands. */
  readonly tell: (event: TrainingEvent<Judged>, capture: () => Promise<RunState<Judged>>) => Promise<void>;
};

export type Trained<Judged = Validation> = {
  readonly epochs: number; // done
  readonly best: RunProgress<Judged>["best"]; // null without validation
  readonly stoppedEarly: boolean;
};

/** A run, how far it has come, and its best epoch. */
type Course<Batch, Judged> = {
  readonly run: TrainingRun<Batch, Judged>;
  readonly perEpoch: number;
  at: RunProgress<Judged>;
  best: Snapshot | null;
};

const FRESH: RunProgress<never> = { epoch: 0, index: 0, updates: 0, lossSum: 0, best: null };

/**
 * Trains a model for the epochs of its recipe, or until it has not got better for `patience` of them. The model is then
 * that of the best epoch, or of the last one where nothing was held aside; the average where the recipe asks for one.
 *
 * What is drawn depends on the recipe's seed and the update alone: a run that goes on from a saved state gives the same
 * numbers as one that was never stopped. Throws what `tell` and `pause` throw, `training-diverged`, and
 * `training-state` for a state of another model or recipe.
 */
export async function train<Batch, Judged>(training: Training<Batch, Judged>): Promise<Trained<Judged>> {
  const { lesson, data, recipe, saved } = training;
  const perEpoch = Math.ceil(data.batchesPerEpoch / recipe.accumulate);
  const run = new TrainingRun(lesson, recipe, perEpoch * recipe.epochs);
  try {
    const best = saved && restoreRun(run, saved);
    const course: Course<Batch, Judged> = { run, perEpoch, at: saved?.progress ?? FRESH, best };
    while (course.at.epoch < recipe.epochs && !isSpent(course.at, recipe.patience)) {
      await learnEpoch(course, training);
      await endEpoch(course, training);
    }
    settleRun(run, course.best);
    const { at } = course;
    return { epochs: at.epoch, best: at.best, stoppedEarly: at.epoch < recipe.epochs };
  } finally {
    run.dispose();
  }
}

/** The updates of an epoch that have not been made yet. */
async function learnEpoch<Batch, Judged>(
  course: Course<Batch, Judged>,
  { data, recipe, pause, tell }: Training<Batch, Judged>,
): Promise<void> {
  const { run, perEpoch } = course;
  while (course.at.index < perEpoch) {
    const { at } = course;
    const report = await run.update(batchesOf(data, at.epoch, at.index, recipe.accumulate), pause);
    course.at = { ...at, index: at.index + 1, updates: at.updates + 1, lossSum: at.lossSum + report.loss };
    const place = { epoch: at.epoch + 1, update: course.at.updates, of: run.totalUpdates };
    await tell({ kind: "update", ...place, ...report }, () => captureCourse(course));
  }
}

/** Looks at what was held aside, and keeps the model if it is the best so far. */
async function endEpoch<Batch, Judged>(
  course: Course<Batch, Judged>,
  { data, lesson, pause, tell }: Training<Batch, Judged>,
): Promise<void> {
  const { run, perEpoch, at } = course;
  const validation = data.validation && (await run.evaluate(data.validation(), pause));
  const better = validation !== null && (at.best === null || lesson.isBetter(validation, at.best.validation));
  if (better) course.best = await run.withAverage(() => snapshot(run.learner));
  const epoch = at.epoch + 1;
  course.at = { ...at, epoch, index: 0, lossSum: 0, best: better ? { epoch, validation } : at.best };
  const loss = at.lossSum / perEpoch;
  await tell({ kind: "epoch", epoch, update: at.updates, loss, validation, best: better }, () => captureCourse(course));
}

const captureCourse = <Judged>({ run, at, best }: Course<never, Judged>): Promise<RunState<Judged>> =>
  captureRun(run, at, best);

/** The batches of one update. */
async function* batchesOf<Batch>(
  data: TrainingData<Batch>,
  epoch: number,
  index: number,
  accumulate: number,
): AsyncGenerator<Batch> {
  const end = Math.min((index + 1) * accumulate, data.batchesPerEpoch);
  for (let batch = index * accumulate; batch < end; batch++) yield data.batch(epoch, batch);
}

/** Early stopping: as many epochs without a better one as the recipe is patient. */
const isSpent = ({ epoch, best }: RunProgress<unknown>, patience: number | null): boolean =>
  patience !== null && best !== null && epoch - best.epoch >= patience;
