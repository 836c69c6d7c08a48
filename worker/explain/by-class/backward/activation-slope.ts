import { add, erf, exp, mul, sigmoid, square, step, sub, tanh, tidy, type Tensor } from "@tensorflow/tfjs-core";
import type { Activation } from "../../../layers/activation.ts";

/** Φ(x) + x φ(x) */
const gelu = (x: Tensor): Tensor => {
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI)); // φ
  return add(mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5), mul(x, density));
};

/** Of 0.5 x (1 + tanh u), u = √(2/π) (x + 0.044715 x³): 0.5 (1 + tanh u + x (1 − tanh² u) u′). */
const geluTanh = (x: Tensor): Tensor => {
  const factor = Math.sqrt(2 / Math.PI);
  const bent = tanh(mul(mul(x, add(mul(square(x), 0.044715), 1)), factor));
  const inner = mul(add(mul(square(x), 3 * 0.044715), 1), factor); // u′
  return mul(add(add(bent, 1), mul(mul(x, sub(1, square(bent))), inner)), 0.5);
};

/** s (1 + x (1 − s)), s = sigmoid x */
const silu = (x: Tensor): Tensor => {
  const share = sigmoid(x);
  return mul(share, add(mul(x, sub(1, share)), 1));
};

const relu = (x: Tensor): Tensor => step(x); // 0 at 0, as PyTorch has it

const SLOPES: Record<Activation, (x: Tensor) => Tensor> = { gelu, "gelu-tanh": geluTanh, relu, silu };

/** The derivative of an activation at x, element by element: any shape → the same shape. */
export const activationSlope = <T extends Tensor>(activation: Activation, x: T): T =>
  tidy(() => SLOPES[activation](x) as T);
