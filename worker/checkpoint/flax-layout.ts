import { elementCount, type HostTensor } from "../contract/host-tensor.ts";
import { stridedTensor } from "./strided.ts";

const CONVOLUTION = 3; // its input's axes: height, width, channels

/**
 * A tensor of Flax's, whose first `inputAxes` are its input's, as PyTorch lays it out: a weight `[out, in]`, of a convolution
 * `[out, in, height, width]`, a bias `[out]`. Heads and their channels, which Flax counts apart, are one axis.
 */
export function asPyTorch(tensor: HostTensor, inputAxes: number): HostTensor {
  const [inputs, outputs] = [tensor.shape.slice(0, inputAxes), tensor.shape.slice(inputAxes)];
  const out = elementCount(outputs);
  if (inputAxes === 0) return { ...tensor, shape: [out] };
  if (inputAxes < CONVOLUTION)
    return stridedTensor(tensor, { shape: [out, elementCount(inputs)], strides: [1, out], offset: 0 });
  const [height = 1, width = 1, channels = 1] = inputs;
  const strides = [1, out, width * channels * out, channels * out];
  return stridedTensor(tensor, { shape: [out, channels, height, width], strides, offset: 0 });
}
