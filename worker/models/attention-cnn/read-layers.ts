import { tensor1d, tensor2d, tensor4d, type Tensor1D } from "@tensorflow/tfjs-core";
import { foldBatchNorm, readBatchNorm } from "../../kernels/batch-norm.ts";
import type { Convolution } from "../../layers/conv2d.ts";
import type { Linear } from "../../layers/linear.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { turnKernel } from "../turn-kernel.ts";

/** Measures of a convolution's weight `[outputs, inputs, size, size]`. */
type ConvolutionShape = { readonly size: number; readonly inputs: number; readonly outputs: number };

/** Reads PyTorch's layouts into the device's. */
export class LayerReader {
  constructor(
    private readonly read: ParameterReader,
    private readonly batchNormEpsilon: number,
  ) {}

  /** A convolution without bias and the batch normalisation behind it, as one convolution with bias. */
  convolution(conv: string, norm: string, shape: ConvolutionShape, stride: number): Convolution {
    const { scale, shift } = foldBatchNorm(readBatchNorm(this.read, norm, this.batchNormEpsilon));
    const { size, inputs, outputs } = shape;
    const kernel = turnKernel(this.read(`${conv}.weight`), { taps: size * size, inputs, outputs }, scale);
    return {
      kernel: tensor4d(kernel, [size, size, inputs, outputs]),
      bias: tensor1d(Float32Array.from(shift)),
      stride,
    };
  }

  /** A dense layer `[out, in]`, or a 1×1 convolution `[out, in, 1, 1]`, which is one for each position of a map. */
  linear(name: string, inputs: number, outputs: number): Linear {
    const kernel = turnKernel(this.read(`${name}.weight`), { taps: 1, inputs, outputs });
    return { kernel: tensor2d(kernel, [inputs, outputs]), bias: this.vector(`${name}.bias`) };
  }

  vector(name: string): Tensor1D {
    return tensor1d(this.read(name));
  }
}
