import { split, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { Linear } from "../../layers/linear.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";

/** GPT-2's dense layer, weight `[in, out]`. */
export const readConv1d = (read: TensorReader, name: string): Linear => ({
  kernel: read(`${name}.weight`) as Tensor2D,
  bias: read(`${name}.bias`) as Tensor1D,
});

/** Layers of one width that lie side by side, `[in, parts · out]` → each, `[in, out]`. */
export function splitLinear({ kernel, bias }: Linear, parts: number): Linear[] {
  const kernels: Tensor2D[] = split(kernel, parts, 1);
  const biases: Tensor1D[] = bias ? split(bias, parts) : [];
  return kernels.map((part, index) => ({ kernel: part, bias: biases[index] ?? null }));
}
