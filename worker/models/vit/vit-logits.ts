import { tidy, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { encode, type BlockHooks } from "../../layers/encoder-block.ts";
import { embedImage } from "./embed-image.ts";
import { readOut } from "./read-out.ts";
import type { Vit } from "./vit.ts";

/**
 * image `[B, height, width, C]` → logits `[B, classes]`, in one go and differentiable: what training runs. Images of
 * another size than the model's have their positions interpolated. Throws `model-has-no-head`.
 */
export function vitLogits(vit: Vit, image: Tensor4D, hooksOf?: (layer: number) => BlockHooks): Tensor2D {
  return tidy(() => {
    const embedded = embedImage(vit, image); // [B, P + N, D]
    const tokens = vit.blocks.reduce(
      (before, block, layer) => encode(block, before, hooksOf?.(layer)).tokens,
      embedded,
    );
    const { logits } = readOut(vit, tokens);
    if (logits) return logits;
    throw new VisionError("model-has-no-head", "Training wants a classifier; this model has none.");
  });
}
