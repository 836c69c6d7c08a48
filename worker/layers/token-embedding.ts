import { gather, reshape, tidy, transpose, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";

/**
 * tokens `[B, T]` (int32, each below V) → `[B, T, D]`. The embedding lies as `[D, V]`, a column for each token: so the
 * same tensor is the kernel of an output layer that is tied to it, and a large vocabulary stands in memory once.
 */
export function embedTokens(embedding: Tensor2D, tokens: Tensor2D): Tensor3D {
  const [batch, count] = tokens.shape;
  return tidy(() => {
    const columns: Tensor2D = gather(embedding, reshape(tokens, [batch * count]), 1); // [D, B·T]
    return reshape(transpose(columns), [batch, count, embedding.shape[0]]);
  });
}
