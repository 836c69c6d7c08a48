import { reshape, transpose, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";

/** `[B, N, D]` → `[B, H, N, D/H]` */
export function splitHeads(tokens: Tensor3D, heads: number): Tensor4D {
  const [batch, count, width] = tokens.shape;
  return transpose<Tensor4D>(reshape(tokens, [batch, count, heads, width / heads]), [0, 2, 1, 3]);
}

/** `[B, H, N, d]` → `[B, N, H·d]` */
export function joinHeads(mixed: Tensor4D): Tensor3D {
  const [batch, heads, count, size] = mixed.shape;
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch, count, heads * size]);
}
