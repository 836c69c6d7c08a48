import { add, matMul, mul, softmax, tidy, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { expectShape } from "./expect-shape.ts";

/** What attention answers, and where it looked. */
export type Attended = {
  readonly mixed: Tensor4D; // [B, H, N, d]
  readonly weights: Tensor4D; // [B, H, N(query), M(key)], each row sums to 1
};

/** What happens to the weights before they mix the values: dropout in training, an offset to take a gradient by. */
export type WeightsHook = (weights: Tensor4D) => Tensor4D;

/**
 * Scaled dot-product attention (Vaswani et al. 2017): softmax(q kᵀ / √d) v.
 * query `[B, H, N, d]`, key and value `[B, H, M, d]`; the caller owns both results. The weights are those of the softmax.
 * `mask`, `[N, M]` or `[B, 1, 1, M]`, is added to the scores: `causalMask` hides what comes later, `paddingMask` padding.
 */
export function attend(
  query: Tensor4D,
  key: Tensor4D,
  value: Tensor4D,
  onWeights?: WeightsHook,
  mask?: Tensor | null,
): Attended {
  const [batch, heads, , size] = query.shape;
  expectShape("attention key", key, [batch, heads, null, size]);
  expectShape("attention value", value, [batch, heads, key.shape[2], null]);
  return tidy(() => {
    const scores: Tensor4D = matMul(mul(query, 1 / Math.sqrt(size)), key, false, true); // [B, H, N, M]
    const weights = softmax<Tensor4D>(mask ? add(scores, mask) : scores); // over keys
    return { mixed: matMul(onWeights?.(weights) ?? weights, value), weights };
  });
}
