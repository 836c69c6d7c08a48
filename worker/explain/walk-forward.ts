import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { encode } from "../layers/encoder-block.ts";
import { embedImage, expectImage } from "../models/vit/embed-image.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { ExplainRun } from "./explain-run.ts";
import { inScope } from "./tensor-scope.ts";

/** One block of the encoder as the picture passes it; both tensors end when `visit` has. */
export type PassedBlock = {
  readonly layer: number;
  readonly tokens: Tensor3D; // [1, T, D], what the block read
  readonly attention: Tensor4D; // [1, H, T, T]
};

/**
 * image `[1, height, width, C]` → the last block's tokens `[1, T, D]`, which the caller owns. `visit` is awaited after
 * every block. Throws `input-shape` for an image of the wrong size.
 */
export function walkForward(
  vit: Vit,
  image: Tensor4D,
  run: ExplainRun,
  visit: (block: PassedBlock) => void | Promise<void>,
): Promise<Tensor3D> {
  expectImage(vit.config, image, run.anySize ?? false);
  return inScope(async (scope) => {
    let tokens = scope.hold(embedImage(vit, image)); // [1, T, D]
    for (const [layer, block] of vit.blocks.entries()) {
      await run.pause?.();
      const passed = encode(block, tokens);
      scope.hold(passed.tokens);
      scope.hold(passed.attention);
      await visit({ layer, tokens, attention: passed.attention });
      scope.drop(tokens, passed.attention);
      tokens = passed.tokens;
    }
    return scope.give(tokens);
  });
}
