import { dispose, type Scalar, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { evaluate, type Validation } from "./evaluate.ts";
import type { Lesson } from "./lesson.ts";
import { crossEntropy, distillationLoss } from "./losses.ts";
import { placeBatch, type PlacedBatch } from "./place-batch.ts";
import type { LearningRecipe } from "./recipe.ts";
import type { Mode, TrainableModel } from "./trainable-model.ts";
import type { TrainingBatch } from "./training-data.ts";

/** Another model's logits `[B, classes]`, the caller's own, for images `[B, height, width, C]`, which remain the caller's. */
export type Teacher = (images: Tensor4D) => Promise<Tensor2D>;

type PictureRecipe = Pick<LearningRecipe, "distillation" | "labelSmoothing" | "regularisation">;

/** To tell classes of pictures apart. `teacher`: followed where the recipe distils. */
export function pictureLesson(
  model: TrainableModel,
  recipe: PictureRecipe,
  teacher: Teacher | null = null,
): Lesson<TrainingBatch, Validation> {
  return {
    learner: model,
    async prepare(batch, random) {
      const placed = placeBatch(batch);
      let taught: Tensor2D | null = null;
      const release = (): void => dispose([placed.images, placed.targets, ...(taught ? [taught] : [])]);
      try {
        taught = (recipe.distillation && (await teacher?.(placed.images))) ?? null;
      } catch (error) {
        release();
        throw error;
      }
      const mode: Mode = { kind: "training", regularisation: recipe.regularisation, random };
      return { weight: batch.shape[0], loss: () => lossOf(model, recipe, placed, taught, mode), release };
    },
    judge: (batches, pause) => evaluate(model, batches, pause),
    isBetter: (now, before) => now.top1 > before.top1 || (now.top1 === before.top1 && now.loss < before.loss),
  };
}

function lossOf(
  model: TrainableModel,
  { distillation, labelSmoothing }: PictureRecipe,
  { images, targets }: PlacedBatch,
  teacher: Tensor2D | null,
  mode: Mode,
): Scalar {
  const logits = model.logits(images, mode); // [B, classes]
  if (!distillation || !teacher) return crossEntropy(logits, targets, { labelSmoothing });
  return distillationLoss({ logits, following: logits, teacher }, targets, { labelSmoothing, ...distillation });
}
