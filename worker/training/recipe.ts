import type { Distillation } from "./losses.ts";
import type { Schedule } from "./schedules.ts";
import type { Regularisation } from "./trainable-model.ts";

export type OptimiserRecipe =
  | { readonly kind: "sgd"; readonly momentum: number; readonly nesterov: boolean }
  | { readonly kind: "adam" | "adamw"; readonly betas: readonly [number, number] };

/** How a model learns, whatever it learns from: data only, as a recipe file holds it. */
export type LearningRecipe = {
  readonly epochs: number;
  readonly accumulate: number; // batches to one update
  readonly optimiser: OptimiserRecipe;
  readonly rate: number; // the schedule's base
  readonly decay: number; // weight decay of matrices and kernels; biases, norms, and a ViT's tokens and positions have none
  readonly layerDecay: number; // the rate of each layer as a share of the next deeper one's, 0 to 1
  readonly schedule: Schedule;
  readonly labelSmoothing: number; // 0 to 1
  readonly distillation: Distillation | null;
  readonly regularisation: Regularisation;
  readonly clip: number | null; // largest norm of all gradients together
  readonly average: number | null; // decay of the moving average of the parameters
  readonly patience: number | null; // epochs without a better validation until training stops
  readonly seed: number; // a whole number below 2^32
};

/** A plain fine-tuning with AdamW. */
export const LEARNING_DEFAULTS: LearningRecipe = {
  epochs: 10,
  accumulate: 1,
  optimiser: { kind: "adamw", betas: [0.9, 0.999] },
  rate: 1e-3,
  decay: 0.05,
  layerDecay: 1,
  schedule: { kind: "cosine", warmup: 20 },
  labelSmoothing: 0.1,
  distillation: null,
  regularisation: { dropout: 0, attentionDropout: 0, dropPath: 0 },
  clip: 1,
  average: null,
  patience: null,
  seed: 1,
};
