import { clone, tensor2d, type Tensor2D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";

/**
 * weights `[T, T]` → the same with the lowest `share` of all T · T set to 0, as in vit-explain: whole weights, rounded
 * down; what a prefix token gives itself stays. Of equal weights the first goes first. The caller owns the result.
 * Throws `invalid-argument` for a share that is not from 0 to below 1.
 */
export async function discardLowest(weights: Tensor2D, share: number, prefixTokens: number): Promise<Tensor2D> {
  if (!(share >= 0 && share < 1))
    throw new VisionError("invalid-argument", `discard: wanted 0 to below 1, got ${share}`);
  if (share === 0) return clone(weights);
  const values = Float32Array.from(await weights.data());
  const tokens = weights.shape[0];
  const lowestFirst = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  for (const at of lowestFirst.subarray(0, Math.floor(values.length * share))) {
    const [query, key] = [Math.floor(at / tokens), at % tokens];
    if (query !== key || query >= prefixTokens) values[at] = 0;
  }
  return tensor2d(values, weights.shape);
}
