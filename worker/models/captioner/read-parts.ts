import { split, transpose, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { LayerNorm } from "../../layers/layer-norm.ts";
import type { Linear } from "../../layers/linear.ts";
import type { TensorReader } from "../parameter-reader.ts";

/** PyTorch's dense layer, weight `[out, in]`; `parts` are the names of its weight and its bias. */
export const readLinear = (read: TensorReader, name: string, [weight, bias] = ["weight", "bias"]): Linear => ({
  kernel: transpose(read(`${name}.${weight}`) as Tensor2D), // [in, out]
  bias: read(`${name}.${bias}`) as Tensor1D,
});

/** GPT-2's dense layer, weight `[in, out]`. */
export const readConv1d = (read: TensorReader, name: string): Linear => ({
  kernel: read(`${name}.weight`) as Tensor2D,
  bias: read(`${name}.bias`) as Tensor1D,
});

export const readNorm = (read: TensorReader, name: string, epsilon: number): LayerNorm => ({
  scale: read(`${name}.weight`) as Tensor1D,
  shift: read(`${name}.bias`) as Tensor1D,
  epsilon,
});

/** Layers of one width that lie side by side, `[in, parts · out]` → each, `[in, out]`. */
export function splitLinear({ kernel, bias }: Linear, parts: number): Linear[] {
  const kernels: Tensor2D[] = split(kernel, parts, 1);
  const biases: Tensor1D[] = bias ? split(bias, parts) : [];
  return kernels.map((part, index) => ({ kernel: part, bias: biases[index] ?? null }));
}
