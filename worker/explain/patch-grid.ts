import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Size } from "../contract/geometry.ts";
import type { Vit } from "../models/vit/vit.ts";

/** The patches that a ViT cuts an image `[1, height, width, C]` into. */
export const patchGrid = (
  { config: { patchSize } }: Pick<Vit, "config">,
  { shape: [, height, width] }: Tensor4D,
): Size => ({
  width: Math.floor(width / patchSize.width),
  height: Math.floor(height / patchSize.height),
});
