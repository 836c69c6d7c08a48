import {
  add,
  matMul,
  mul,
  reshape,
  softmax,
  tidy,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { WeightsHook } from "./attention.ts";
import { expectShape } from "./expect-shape.ts";
import { linear, type Linear } from "./linear.ts";

/**
 * The self-attention module between convolutions (Zhang et al. 2019, SAGAN; Wang et al. 2018, non-local networks).
 * Its 1×1 convolutions are products over `[B, H·W, C]`, which every backend computes.
 */
export type SpatialSelfAttention = {
  readonly query: Linear; // [C, inner]
  readonly key: Linear; // [C, inner]
  readonly value: Linear; // [C, inner]
  readonly output: Linear; // [inner, C]
  readonly gamma: Tensor1D; // [1], the gate: 0 before training, so the untrained module is the identity
  readonly scaled: boolean; // scores divided by √inner, as in a Transformer; SAGAN leaves them as they are
};

/** What the module answers, and where each position of the map looked. */
export type SpatiallyAttended = {
  readonly mixed: Tensor4D; // [B, H, W, C]
  /** As of a Transformer's block, with one head and no prefix tokens; positions row by row. Each row sums to 1. */
  readonly weights: Tensor4D; // [B, 1, H·W(query), H·W(key)]
};

/** map `[B, H, W, C]` → map + γ · output(softmax(query · keyᵀ) · value), and the weights; the caller owns both results. */
export function attendOverMap(layer: SpatialSelfAttention, map: Tensor4D, onWeights?: WeightsHook): SpatiallyAttended {
  const [batch, height, width, channels] = map.shape;
  expectShape("self-attention input", map, [null, null, null, layer.query.kernel.shape[0]]);
  const positions = height * width;
  return tidy(() => {
    const tokens: Tensor3D = reshape(map, [batch, positions, channels]); // [B, HW, C]
    const query = linear(layer.query, tokens); // [B, HW, inner]
    const scale = layer.scaled ? 1 / Math.sqrt(query.shape[2]) : 1;
    const scores: Tensor3D = matMul(mul(query, scale), linear(layer.key, tokens), false, true); // [B, HW, HW]
    const weights: Tensor4D = reshape(softmax(scores), [batch, 1, positions, positions]); // over keys
    const used: Tensor3D = reshape(onWeights?.(weights) ?? weights, [batch, positions, positions]);
    const mixed = linear(layer.output, matMul(used, linear(layer.value, tokens))); // [B, HW, C]
    return { mixed: add<Tensor4D>(map, mul(reshape(mixed, map.shape), layer.gamma)), weights };
  });
}
