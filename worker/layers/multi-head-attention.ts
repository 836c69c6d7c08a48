import { reshape, tidy, transpose, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { attend, type WeightsHook } from "./attention.ts";
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
  readonly weights: Tensor4D; // [B, H, N, N]
};

/** `[B, N, D]` → `[B, H, N, D/H]` */
function splitHeads(tokens: Tensor3D, heads: number): Tensor4D {
  const [batch, count, width] = tokens.shape;
  return transpose<Tensor4D>(reshape(tokens, [batch, count, heads, width / heads]), [0, 2, 1, 3]);
}

/** `[B, H, N, d]` → `[B, N, H·d]` */
function joinHeads(mixed: Tensor4D): Tensor3D {
  const [batch, heads, count, size] = mixed.shape;
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch, count, heads * size]);
}

/** Every token attends to every token, once per head. tokens `[B, N, D]`; the caller owns both results. */
export function selfAttend(layer: MultiHeadAttention, tokens: Tensor3D, onWeights?: WeightsHook): MultiHeadAttended {
  return tidy(() => {
    const [query, key, value] = [layer.query, layer.key, layer.value].map((part) =>
      splitHeads(linear(part, tokens), layer.heads),
    ) as [Tensor4D, Tensor4D, Tensor4D]; // [B, H, N, d] each
    const { mixed, weights } = attend(query, key, value, onWeights);
    return { mixed: linear(layer.output, joinHeads(mixed)), weights };
  });
}
