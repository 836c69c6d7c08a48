import { transpose, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { LayerNorm } from "../layers/layer-norm.ts";
import type { Linear } from "../layers/linear.ts";
import type { TensorReader } from "../kernels/parameter-reader.ts";

/** The names of a dense layer's weight and bias below its own; null for a layer without bias. */
type PartNames = readonly [weight: string, bias: string | null];

/** PyTorch's dense layer, weight `[out, in]`. */
export const readLinear = (
  read: TensorReader,
  name: string,
  [weight, bias]: PartNames = ["weight", "bias"],
): Linear => ({
  kernel: transpose(read(`${name}.${weight}`) as Tensor2D), // [in, out]
  bias: bias === null ? null : (read(`${name}.${bias}`) as Tensor1D),
});

export const readNorm = (read: TensorReader, name: string, epsilon: number): LayerNorm => ({
  scale: read(`${name}.weight`) as Tensor1D,
  shift: read(`${name}.bias`) as Tensor1D,
  epsilon,
});
