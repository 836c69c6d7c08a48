import { clone, mul, tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Random } from "../contract/random.ts";

/**
 * Any shape → the same shape, each element 0 with probability `rate`, else divided by 1 − rate, which keeps the mean
 * (Srivastava et al. 2014). One number is drawn an element, in order, so the same stream drops the same elements.
 */
export const dropout = <T extends Tensor>(x: T, rate: number, random: Random): T => drop(x, x.shape, rate, random);

/**
 * residual `[B, …]` → the same shape, each sample dropped as a whole with probability `rate` (stochastic depth, Huang
 * et al. 2016): for what a block adds to the stream.
 */
export const dropPath = <T extends Tensor>(residual: T, rate: number, random: Random): T =>
  drop(
    residual,
    residual.shape.map((length, axis) => (axis === 0 ? length : 1)),
    rate,
    random,
  );

function drop<T extends Tensor>(x: T, maskShape: number[], rate: number, random: Random): T {
  if (!(rate >= 0 && rate < 1)) {
    throw new VisionError("invalid-argument", `dropout rate: wanted 0 or more and less than 1, got ${rate}`);
  }
  if (rate === 0) return clone(x);
  const size = maskShape.reduce((product, length) => product * length, 1);
  const mask = Float32Array.from({ length: size }, () => (random() < rate ? 0 : 1 / (1 - rate)));
  return tidy(() => mul(x, tensor(mask, maskShape)));
}
