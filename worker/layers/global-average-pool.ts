import { mean, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";

/** map `[B, H, W, C]` → `[B, C]`, the mean over all positions. */
export const averageOverMap = (map: Tensor4D): Tensor2D => mean(map, [1, 2]);
