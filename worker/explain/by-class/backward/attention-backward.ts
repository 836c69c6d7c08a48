import {
  expandDims,
  getBackend,
  matMul,
  mul,
  squeeze,
  stack,
  sub,
  sum,
  tidy,
  transpose,
  unstack,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";

/** What went into scaled dot-product attention, and where it looked. */
export type AttentionParts = {
  readonly query: Tensor4D; // [1, H, N, d]
  readonly key: Tensor4D; // [1, H, N, d]
  readonly value: Tensor4D; // [1, H, N, d]
  readonly weights: Tensor4D; // [1, H, N, N]
  readonly scale: number; // of the scores
};

const turn = (matrices: Tensor4D): Tensor4D => transpose(matrices, [0, 1, 3, 2]);

/** a `[1, H, M, K]` · b `[1, H, K, N]`. Head by head on wasm, whose products of more than two axes are slow ones. */
function multiply(a: Tensor4D, b: Tensor4D): Tensor4D {
  if (getBackend() !== "wasm") return matMul(a, b);
  const heads = (all: Tensor4D): Tensor[] => unstack(squeeze(all, [0]));
  const others = heads(b);
  return expandDims(stack(heads(a).map((one, head) => matMul(one, others[head]!))), 0);
}

/** gradient `[1, H, N, d]` by softmax(scale · q kᵀ) v → gradients by each part; the caller owns all four. */
export function attentionBackward(
  { query, key, value, weights, scale }: AttentionParts,
  gradient: Tensor4D,
): Record<"query" | "key" | "value" | "weights", Tensor4D> {
  return tidy(() => {
    const byWeights: Tensor4D = multiply(gradient, turn(value)); // [1, H, N, N]
    const weighted: Tensor = mul(byWeights, weights);
    const byScores: Tensor4D = sub(weighted, mul(weights, sum(weighted, -1, true))); // through the softmax
    const scaled: Tensor4D = mul(byScores, scale);
    return {
      query: multiply(scaled, key),
      key: multiply(turn(scaled), query),
      value: multiply(turn(weights), gradient),
      weights: byWeights,
    };
  });
}
