import { reshape, slice, tidy, transpose, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Size } from "../contract/geometry.ts";
import { linear, type Linear } from "./linear.ts";

export type PatchEmbedding = {
  readonly patchSize: Size; // pixels
  readonly projection: Linear; // [P·P·C, D], rows in the order (y, x, channel)
};

/** image `[B, height, width, C]` → patches `[B, N, P·P·C]`, row by row; pixels past the last whole patch are left out. */
export function cutPatches(image: Tensor4D, patchSize: Size): Tensor3D {
  const [batch, height, width, channels] = image.shape;
  const rows = Math.floor(height / patchSize.height);
  const columns = Math.floor(width / patchSize.width);
  return tidy(() => {
    const whole = slice(image, 0, [batch, rows * patchSize.height, columns * patchSize.width, channels]);
    const cells = reshape(whole, [batch, rows, patchSize.height, columns, patchSize.width, channels]);
    const patches = transpose(cells, [0, 1, 3, 2, 4, 5]); // [B, rows, columns, P, P, C]
    return reshape(patches, [batch, rows * columns, patchSize.height * patchSize.width * channels]);
  });
}

/** image `[B, height, width, C]` → patch tokens `[B, N, D]`. A product per patch is the strided convolution of PyTorch. */
export const embedPatches = ({ patchSize, projection }: PatchEmbedding, image: Tensor4D): Tensor3D =>
  tidy(() => linear(projection, cutPatches(image, patchSize)));
