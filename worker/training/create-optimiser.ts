import { createAdam } from "./optimisers/adam.ts";
import { createAdamW } from "./optimisers/adamw.ts";
import type { Optimiser, ParameterGroup } from "./optimisers/optimiser.ts";
import { createSgd } from "./optimisers/sgd.ts";
import type { LearningRecipe } from "./recipe.ts";
import type { Learner } from "./trainable-model.ts";

/**
 * The recipe's optimiser over a model's parameters. Only matrices and kernels decay. With a layer decay below 1, layers
 * near the image move less than the head (Clark et al. 2020; Bao et al. 2022).
 */
export function createOptimiserFor(model: Learner, recipe: LearningRecipe): Optimiser {
  const { optimiser, decay, layerDecay } = recipe;
  const deepest = Math.max(...[...model.parameters.keys()].map((name) => model.depthOf(name)));
  const groupOf = (name: string): ParameterGroup => ({
    rate: layerDecay ** (deepest - model.depthOf(name)),
    decay: isProduct(model.parameters.get(name)!.shape) ? decay : 0,
  });
  const trained = { parameters: model.parameters, groupOf };
  switch (optimiser.kind) {
    case "sgd":
      return createSgd(trained, optimiser);
    case "adam":
      return createAdam(trained, optimiser);
    case "adamw":
      return createAdamW(trained, optimiser);
  }
}

/** A matrix or a convolution's kernel; a ViT's class token and positions have three axes. */
const isProduct = (shape: readonly number[]): boolean => shape.length === 2 || shape.length === 4;
