import { tensor2d, type Tensor2D } from "@tensorflow/tfjs-core";

/**
 * `[B, 1]`: 1 in rows that have a token at step `at`, 0 in rows that are over; `null` where all have one. `lengths`: real
 * tokens of each row; undefined where nothing is padded.
 */
export function stepMask(lengths: readonly number[] | undefined, at: number): Tensor2D | null {
  if (!lengths?.some((length) => length <= at)) return null;
  return tensor2d(
    Float32Array.from(lengths, (length) => (at < length ? 1 : 0)),
    [lengths.length, 1],
  );
}
