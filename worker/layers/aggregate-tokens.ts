import { mean, reshape, slice, tidy, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";

/** tokens `[B, P + N, D]` → one token's state, `[B, D]`: of a class token, all that the head reads. */
export function tokenAt(tokens: Tensor3D, index: number): Tensor2D {
  const [batch, , width] = tokens.shape;
  return tidy(() => reshape(slice(tokens, [0, index, 0], [batch, 1, width]), [batch, width]));
}

/** tokens `[B, P + N, D]` → the mean of all behind the P `prefix` tokens, `[B, D]`. */
export const meanOfTokens = (tokens: Tensor3D, prefix: number): Tensor2D =>
  tidy(() => mean<Tensor2D>(slice(tokens, [0, prefix, 0]), 1));
