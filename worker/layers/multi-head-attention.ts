import { tidy, type Tensor, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { attend, type WeightsHook } from "./attention.ts";
import { joinHeads, splitHeads } from "./heads.ts";
import { linear, type Linear } from "./linear.ts";

export type MultiHeadAttention = {
  readonly heads: number;
  readonly query: Linear; // [D, D]
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
};

export type MultiHeadAttended = {
  readonly mixed: Tensor3D; // [B, N, D]
  readonly weights: Tensor4D; // [B, H, N(query), M(key)]
};

/** What there is to attend to, as each head sees it. */
export type KeysAndValues = {
  readonly keys: Tensor4D; // [B, H, M, d]
  readonly values: Tensor4D; // [B, H, M, d]
};

/** tokens `[B, M, D]` → their keys and values; the caller owns both. */
export const projectKeysAndValues = (layer: MultiHeadAttention, tokens: Tensor3D): KeysAndValues =>
  tidy(() => ({
    keys: splitHeads(linear(layer.key, tokens), layer.heads),
    values: splitHeads(linear(layer.value, tokens), layer.heads),
  }));

/** tokens `[B, N, D]` attend to what is there, once per head; `mask` as of `attend`. The caller owns both results. */
export function attendTo(
  layer: MultiHeadAttention,
  tokens: Tensor3D,
  { keys, values }: KeysAndValues,
  onWeights?: WeightsHook,
  mask?: Tensor | null,
): MultiHeadAttended {
  return tidy(() => {
    const query = splitHeads(linear(layer.query, tokens), layer.heads); // [B, H, N, d]
    const { mixed, weights } = attend(query, keys, values, onWeights, mask);
    return { mixed: linear(layer.output, joinHeads(mixed)), weights };
  });
}

/** Every token attends to every token, once per head. tokens `[B, N, D]`; the caller owns both results. */
export const selfAttend = (layer: MultiHeadAttention, tokens: Tensor3D, onWeights?: WeightsHook): MultiHeadAttended =>
  tidy(() => attendTo(layer, tokens, projectKeysAndValues(layer, tokens), onWeights));
