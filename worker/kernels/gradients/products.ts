import {
  BatchMatMul,
  Conv2D,
  Conv2DBackpropFilter,
  conv2dTranspose,
  engine,
  matMul,
  type BatchMatMulAttrs,
  type Conv2DAttrs,
  type GradConfig,
  type NamedAttrMap,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { sumTo } from "./broadcast.ts";

/** a · b, either of them transposed or not; batch axes may broadcast. */
const matrices: GradConfig = {
  kernelName: BatchMatMul,
  inputsToSave: ["a", "b"],
  gradFunc: (gradient, [a, b], attributes) => {
    const { transposeA, transposeB } = attributes as unknown as BatchMatMulAttrs;
    const dy = gradient as Tensor;
    const toA = () => (transposeA ? matMul(b!, dy, transposeB, true) : matMul(dy, b!, false, !transposeB));
    const toB = () => (transposeB ? matMul(dy, a!, true, transposeA) : matMul(a!, dy, !transposeA, false));
    return { a: () => sumTo(toA(), a!.shape), b: () => sumTo(toB(), b!.shape) };
  },
};

/** A convolution without dilation, channels last. */
const convolution: GradConfig = {
  kernelName: Conv2D,
  inputsToSave: ["x", "filter"],
  gradFunc: (gradient, [x, filter], attributes) => {
    const { strides, pad, dataFormat, dimRoundingMode } = attributes as unknown as Conv2DAttrs;
    const dy = gradient as Tensor4D;
    const settings = { strides, pad, dataFormat, dimRoundingMode, filterShape: filter!.shape };
    return {
      x: () => conv2dTranspose(dy, filter as Tensor4D, x!.shape as Tensor4D["shape"], strides, pad, dimRoundingMode),
      filter: () => engine().runKernel(Conv2DBackpropFilter, { x: x!, dy }, settings as unknown as NamedAttrMap),
    };
  },
};

/** Matrix products and convolutions. */
export const products: readonly GradConfig[] = [matrices, convolution];
