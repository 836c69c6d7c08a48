import {
  dispose,
  variableGrads,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  type Variable,
} from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import { registerGradients } from "../kernels/gradients.ts";
import { accumulateGradients, type GradientSum } from "./accumulate-gradients.ts";
import { clipGradients, normOf, type ClippedGradients } from "./clip-gradients.ts";
import { createOptimiserFor } from "./create-optimiser.ts";
import { evaluate, readScalars, type Validation } from "./evaluate.ts";
import { crossEntropy, distillationLoss } from "./losses.ts";
import { followAverage, type MovingAverage } from "./moving-average.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import type { LearningRecipe } from "./recipe.ts";
import { rateAt } from "./schedules.ts";
import { placeBatch, type PlacedBatch } from "./place-batch.ts";
import { streamOf } from "./stream-seed.ts";
import { learnedBy, type Mode, type TrainableModel } from "./trainable-model.ts";
import type { TrainingBatch } from "./training-data.ts";

export type UpdateReport = {
  readonly loss: number; // mean over the update's pictures
  readonly rate: number;
  readonly norm: number; // of all gradients together, before clipping
};

/** Another model's logits `[B, classes]`, the caller's own, for images `[B, height, width, C]`, which remain the caller's. */
export type Teacher = (images: Tensor4D) => Promise<Tensor2D>;

/** One update after another of a model, which remains the caller's; `dispose` frees what the run adds to it. */
export class TrainingRun {
  readonly optimiser: Optimiser;
  readonly average: MovingAverage | null;
  readonly #sum: GradientSum = accumulateGradients();

  /** `teacher`: followed where the recipe distils. */
  constructor(
    readonly model: TrainableModel,
    readonly recipe: LearningRecipe,
    readonly totalUpdates: number,
    private readonly teacher: Teacher | null = null,
  ) {
    registerGradients();
    this.optimiser = createOptimiserFor(model, recipe);
    this.average = recipe.average === null ? null : followAverage(learnedBy(model), recipe.average);
  }

  /**
   * One update from one batch or, with accumulation, several. `pause` is awaited after each.
   * Throws `training-diverged` where loss or gradients are no numbers any more; the parameters are then those before the
   * update.
   */
  async update(batches: AsyncIterable<TrainingBatch>, pause: () => Promise<void>): Promise<UpdateReport> {
    let [loss, pictures] = [0, 0];
    try {
      for await (const batch of batches) {
        const part = await this.#learnFrom(batch, pictures);
        if (!Number.isFinite(part.loss)) throw this.#diverged("the loss", part.loss);
        loss += part.loss * part.pictures;
        pictures += part.pictures;
        await pause();
      }
    } catch (error) {
      this.#sum.dispose();
      throw error;
    }
    const rate = this.recipe.rate * rateAt(this.recipe.schedule, this.optimiser.steps, this.totalUpdates);
    const norm = await this.#apply(this.#sum.take(), rate);
    this.average?.update();
    return { loss: loss / pictures, rate, norm };
  }

  /** The average where there is one, else the parameters as they stand. */
  async evaluate(batches: AsyncIterable<TrainingBatch>, pause: () => Promise<void>): Promise<Validation | null> {
    return this.withAverage(() => evaluate(this.model, batches, pause));
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

  /** Adds a batch's gradients to the update's, behind `before` pictures of earlier ones. */
  async #learnFrom(batch: TrainingBatch, before: number): Promise<{ loss: number; pictures: number }> {
    const placed = placeBatch(batch);
    const pictures = batch.shape[0];
    let taught: Tensor2D | null = null;
    try {
      taught = (this.recipe.distillation && (await this.teacher?.(placed.images))) ?? null;
      const random = streamOf(this.recipe.seed, MASKS, this.optimiser.steps, before);
      const mode: Mode = { kind: "training", regularisation: this.recipe.regularisation, random };
      const variables = [...this.model.parameters.values()];
      const { value, grads } = variableGrads(() => this.#loss(placed, taught, mode), variables);
      this.#sum.add(byName(this.model.parameters, grads), pictures);
      dispose(grads);
      const [loss] = (await readScalars([value])) as [number];
      return { loss, pictures };
    } finally {
      dispose([placed.images, placed.targets, ...(taught ? [taught] : [])]);
    }
  }

  #loss({ images, targets }: PlacedBatch, teacher: Tensor2D | null, mode: Mode): Scalar {
    const { distillation, labelSmoothing } = this.recipe;
    const logits = this.model.logits(images, mode); // [B, classes]
    if (!distillation || !teacher) return crossEntropy(logits, targets, { labelSmoothing });
    return distillationLoss({ logits, following: logits, teacher }, targets, { labelSmoothing, ...distillation });
  }

  /** Changes the parameters by gradients, which it disposes, unless their norm is no number; returns it. */
  async #apply(gradients: ReadonlyMap<string, Tensor>, rate: number): Promise<number> {
    const { gradients: changes, norm } = this.#clip(gradients);
    try {
      const [length] = (await readScalars([norm])) as [number];
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

const MASKS = 1; // of all streams of a run, that of dropout and stochastic depth

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
