import { tensor2d, type Tensor2D } from "@tensorflow/tfjs-core";

/** Added to a score: its weight is exactly 0 in float32, and the number is finite in half precision (up to 65,504). */
export const HIDDEN = -6e4;

/**
 * `[count, past + count]`, added to attention scores: each of `count` tokens sees the `past` ones before them, itself
 * and what stands before it. `null` for one token, which sees everything.
 */
export function causalMask(count: number, past: number): Tensor2D | null {
  if (count === 1) return null;
  const seen = past + count;
  const mask = Float32Array.from({ length: count * seen }, (_, at) =>
    at % seen > past + Math.floor(at / seen) ? HIDDEN : 0,
  );
  return tensor2d(mask, [count, seen]);
}
