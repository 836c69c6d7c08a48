import { add, erf, mul, relu, sigmoid, square, tanh, tidy, type Tensor } from "@tensorflow/tfjs-core";
import type { Activation } from "./activation.ts";

/** x · Φ(x) with the exact normal distribution (Hendrycks & Gimpel 2016). */
const gelu = <T extends Tensor>(x: T): T => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/** GPT-2's form: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
const geluTanh = <T extends Tensor>(x: T): T => {
  const inner = mul(mul(x, add(mul(square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
};

const silu = <T extends Tensor>(x: T): T => mul(x, sigmoid(x));

const ACTIVATIONS: Record<Activation, <T extends Tensor>(x: T) => T> = { gelu, "gelu-tanh": geluTanh, relu, silu };

/** Any shape → the same shape, element by element. */
export const activate = <T extends Tensor>(activation: Activation, x: T): T => tidy(() => ACTIVATIONS[activation](x));
