import { add, mean, mul, rsqrt, square, sub, tidy, type Tensor, type Tensor1D } from "@tensorflow/tfjs-core";

/** Layer normalisation over the last axis (Ba et al. 2016). */
export type LayerNorm = {
  readonly scale: Tensor1D; // [D], γ
  readonly shift: Tensor1D; // [D], β
  readonly epsilon: number; // inside the root
};

/**
 * tokens `[…, D]` → `[…, D]`, each row with mean 0 and deviation 1, then scaled and shifted.
 * Rows are centred twice, since the first mean carries a rounding error as large as the row's mean, and the variance is
 * taken of centred rows, since Σx² − mean² cancels where the mean is large.
 */
export function layerNorm<T extends Tensor>({ scale, shift, epsilon }: LayerNorm, tokens: T): T {
  return tidy(() => {
    const roughly = sub(tokens, mean(tokens, -1, true)); // […, D]
    const centred = sub(roughly, mean(roughly, -1, true)); // […, D]
    const variance = mean(square(centred), -1, true); // […, 1]
    const inverse = rsqrt(add(variance, epsilon)); // […, 1]
    return add<T>(mul(mul(centred, inverse), scale), shift);
  });
}
