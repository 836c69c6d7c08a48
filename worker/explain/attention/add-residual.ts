import { add, div, eye, sum, tidy, type Tensor2D } from "@tensorflow/tfjs-core";

/**
 * Weights `[T(query), T(key)]` and the residual connection beside them, half and half: (A + I), each row made to sum to
 * 1 over its keys (Abnar & Zuidema 2020).
 */
export const addResidual = (weights: Tensor2D): Tensor2D =>
  tidy(() => {
    const both = add<Tensor2D>(weights, eye(weights.shape[0])); // [T, T]
    return div(both, sum(both, 1, true)); // rows: axis 1 is over keys
  });
