import { dispose, variableGrads, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Pause } from "../contract/turns.ts";
import { registerGradients } from "../kernels/gradients.ts";
import { accumulateGradients, type GradientSum } from "./accumulate-gradients.ts";
import { clipGradients, normOf, type ClippedGradients } from "./clip-gradients.ts";
import { createOptimiserFor } from "./create-optimiser.ts";
import { takeScalars } from "../layers/take-values.ts";
import type { Lesson } from "./lesson.ts";
import { followAverage, type MovingAverage } from "./moving-average.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import type { LearningRecipe } from "./recipe.ts";
import { rateAt } from "./schedules.ts";
import { STREAMS, streamOf } from "./streams.ts";
import { learnedBy, type Learner } from "./trainable-model.ts";

export type UpdateReport = {
  readonly loss: number; // mean over the update's batches, by their weights
  readonly rate: number;
  readonly norm: number; // of all gradients together, before clipping
};

/** One update after another of a lesson's learner, which remains the caller's; `dispose` frees what the run adds to it. */
export class TrainingRun<Batch, Judged> {
  readonly learner: Learner;
  readonly optimiser: Optimiser;
  readonly average: MovingAverage | null;
  readonly #sum: GradientSum = accumulateGradients();

  constructor(
    private readonly lesson: Lesson<Batch, Judged>,
    readonly recipe: LearningRecipe,
    readonly totalUpdates: number,
  ) {
    registerGradients();
    this.learner = lesson.learner;
    this.optimiser = createOptimiserFor(this.learner, recipe);
    this.average = recipe.average === null ? null : followAverage(learnedBy(this.learner), recipe.average);
  }

  /**
   * One update from one batch or, with accumulation, several. `pause` is awaited after each.
   * Throws `training-diverged` where loss or gradients are no numbers any more; the parameters are then those before the
   * update.
   */
  async update(batches: AsyncIterable<Batch>, pause: Pause): Promise<UpdateReport> {
    let [loss, weight] = [0, 0];
    try {
      for await (const batch of batches) {
        const part = await this.#learnFrom(batch, weight);
        if (!Number.isFinite(part.loss)) throw this.#diverged("the loss", part.loss);
        loss += part.loss * part.weight;
        weight += part.weight;
        await pause();
      }
    } catch (error) {
      this.#sum.dispose();
      throw error;
    }
    const rate = this.recipe.rate * rateAt(this.recipe.schedule, this.optimiser.steps, this.totalUpdates);
    const norm = await this.#apply(this.#sum.take(), rate);
    this.average?.update();
    return { loss: loss / weight, rate, norm };
  }

  /** The average where there is one, else the parameters as they stand. */
  async evaluate(batches: AsyncIterable<Batch>, pause: Pause): Promise<Judged | null> {
    return this.withAverage(() => this.lesson.judge(batches, pause));
  }

  /** Does something while the model holds the averages, if the recipe asks for them. */
  async withAverage<Result>(work: () => Promise<Result>): Promise<Result> {
    this.average?.swap();
    try {
      return await work();
    } finally {
      this.average?.swap();
    }
  }

  dispose(): void {
    this.optimiser.dispose();
    this.average?.dispose();
    this.#sum.dispose();
  }

  /** Adds a batch's gradients to the update's, behind earlier ones of the weight `before`. */
  async #learnFrom(batch: Batch, before: number): Promise<{ loss: number; weight: number }> {
    const random = streamOf(this.recipe.seed, STREAMS.masks, this.optimiser.steps, before);
    const { weight, loss, release } = await this.lesson.prepare(batch, random);
    try {
      const { parameters } = this.learner;
      const { value, grads } = variableGrads(loss, [...parameters.values()]);
      this.#sum.add(byName(parameters, grads), weight);
      dispose(grads);
      const [mean] = (await takeScalars([value])) as [number];
      return { loss: mean, weight };
    } finally {
      release();
    }
  }

  /** Changes the parameters by gradients, which it disposes, unless their norm is no number; returns it. */
  async #apply(gradients: ReadonlyMap<string, Tensor>, rate: number): Promise<number> {
    const { gradients: changes, norm } = this.#clip(gradients);
    try {
      const [length] = (await takeScalars([norm])) as [number];
      if (!Number.isFinite(length)) throw this.#diverged("the gradients' norm", length);
      this.optimiser.step(changes, rate);
      return length;
    } finally {
      dispose([...changes.values()]);
    }
  }

  #clip(gradients: ReadonlyMap<string, Tensor>): ClippedGradients {
    const { clip } = this.recipe;
    if (clip === null) return { gradients, norm: normOf(gradients) };
    const clipped = clipGradients(gradients, clip);
    dispose([...gradients.values()]);
    return clipped;
  }

  #diverged(what: string, got: number): VisionError {
    return new VisionError(
      "training-diverged",
      `update ${this.optimiser.steps + 1}: ${what} is ${got}; lower the rate, clip the gradients or warm up longer, and start in another folder`,
    );
  }
}

/** tfjs names gradients by its own numbers. A parameter that the loss does not depend on has none. */
function byName(
  parameters: ReadonlyMap<string, Variable>,
  grads: Readonly<Record<string, Tensor | null>>,
): Map<string, Tensor> {
  const named = new Map<string, Tensor>();
  for (const [name, parameter] of parameters) {
    const gradient = grads[parameter.name];
    if (gradient) named.set(name, gradient);
  }
  return named;
}
