import { clone, dispose, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { readOut } from "../../models/vit/read-out.ts";
import type { Vit } from "../../models/vit/vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { inScope } from "../tensor-scope.ts";
import { walkForward } from "../walk-forward.ts";
import { encodeBackward, type BlockGradients } from "./backward/encoder-block-backward.ts";
import { readOutBackward } from "./backward/read-out-backward.ts";
import { chooseTarget } from "./choose-target.ts";

export type WayBack = {
  readonly target: number | undefined; // class whose logit is explained; left out: the model's answer
  readonly downTo: number; // the last block to visit, from 0
};

/**
 * Takes one picture `[1, height, width, C]` through the encoder and the gradient of a class's logit back through it.
 * `visit` sees the gradients within each block, last block first; its tensors end when it has. The forward pass keeps
 * each block's input alone and the way back computes the rest again, so that memory stays bounded. → the class explained.
 * Throws `model-has-no-head`, `invalid-argument` for a class that the model has not.
 */
export function walkBack(
  vit: Vit,
  image: Tensor4D,
  { target: asked, downTo }: WayBack,
  run: ExplainRun,
  visit: (gradients: BlockGradients, layer: number) => void,
): Promise<number> {
  const { head } = vit;
  if (!head)
    throw new VisionError("model-has-no-head", "A class-specific map wants a classifier; this model has none.");
  return inScope(async (scope) => {
    const inputs: Tensor3D[] = []; // of the blocks from downTo on
    const last = await walkForward(vit, image, run, ({ layer, tokens }) => {
      if (layer >= downTo) inputs.push(scope.hold(clone(tokens)));
    });
    scope.hold(last);
    const target = await chooseTarget(() => tidy(() => readOut(vit, last).logits!), vit.config.classes, asked);
    let gradient = scope.hold(readOutBackward(vit, head, last, target)); // [1, T, D]
    for (let layer = vit.blocks.length - 1; layer >= downTo; layer--) {
      await run.pause?.();
      const input = inputs.pop()!;
      const gradients = encodeBackward(vit.blocks[layer]!, input, gradient);
      scope.drop(gradient, input);
      gradient = scope.hold(gradients.tokens);
      try {
        visit(gradients, layer);
      } finally {
        dispose([gradients.normed, gradients.byNormed, gradients.attention, gradients.byAttention]);
      }
    }
    return target;
  });
}
