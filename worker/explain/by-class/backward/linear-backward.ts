import { matMul, reshape, tidy, transpose, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import type { Linear } from "../../../layers/linear.ts";

/**
 * gradient `[1, N, out]` by what a dense layer gives → `[1, N, in]` by what it reads. As (W gᵀ)ᵀ: both turned matrices
 * are small, and wasm is slow at products with a transposed kernel.
 */
export function linearBackward({ kernel }: Linear, gradient: Tensor3D): Tensor3D {
  const [, count, outputs] = gradient.shape;
  return tidy(() => {
    const rows: Tensor2D = reshape(gradient, [count, outputs]);
    const product = matMul<Tensor2D>(kernel, transpose(rows)); // [in, N]
    return reshape(transpose(product), [1, count, kernel.shape[0]]);
  });
}
