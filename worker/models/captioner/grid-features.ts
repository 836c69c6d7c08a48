import { reshape, slice, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";

/** A ViT's `encoded` `[B, P + N, D]` → its patches, `[B, N, D]`; P prefix tokens have no place in the photo. */
export const gridOfTokens = (encoded: Tensor3D, prefix: number): Tensor3D => slice(encoded, [0, prefix, 0]);

/** A CNN's `features` `[B, H, W, C]` → its positions row by row, `[B, H·W, C]`. */
export function gridOfMap(features: Tensor4D): Tensor3D {
  const [batch, height, width, channels] = features.shape;
  return reshape(features, [batch, height * width, channels]);
}
