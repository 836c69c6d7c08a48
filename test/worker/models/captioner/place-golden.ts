import { tensor3d, type Tensor3D } from "@tensorflow/tfjs-core";
import type { GoldenTensor } from "../../../setup/golden.ts";

/** `[B, L, C]` on the device; `rows`: which of them. */
export function featuresOf({ shape, values }: GoldenTensor, rows?: readonly number[]): Tensor3D {
  const [batch, positions, width] = shape as Tensor3D["shape"];
  const chosen = rows ?? Array.from({ length: batch }, (_, row) => row);
  const size = positions * width;
  const picked = chosen.flatMap((row) => [...values.subarray(row * size, (row + 1) * size)]);
  return tensor3d(picked, [chosen.length, positions, width]);
}
