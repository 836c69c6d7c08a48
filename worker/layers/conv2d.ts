import { fused, tidy, type Tensor1D, type Tensor4D } from "@tensorflow/tfjs-core";
import { padding } from "./convolved-length.ts";
import { expectShape } from "./expect-shape.ts";

/** A 2-D convolution with a square kernel and PyTorch's padding of k // 2. */
export type Convolution = {
  readonly kernel: Tensor4D; // [k, k, in, out], PyTorch's [out, in, k, k] with its axes turned
  readonly bias: Tensor1D | null; // [out]
  readonly stride: number; // pixels
  /** Batch normalisation behind it while the model trains; left out once it is folded into kernel and bias. */
  readonly normalise?: (map: Tensor4D) => Tensor4D;
};

/**
 * map `[B, H, W, in]` → `[B, H', W', out]`, each side as `convolvedLength` tells. All sides get the same zeros:
 * TensorFlow's "same" would put one more on the right and below where the stride is 2.
 */
export function convolve({ kernel, bias, stride, normalise }: Convolution, map: Tensor4D): Tensor4D {
  const [size, , inputs] = kernel.shape;
  expectShape("convolution input", map, [null, null, null, inputs]);
  return tidy(() => {
    const pad = padding(size);
    const convolved: Tensor4D = fused.conv2d({ x: map, filter: kernel, strides: stride, pad, bias: bias ?? undefined });
    return normalise?.(convolved) ?? convolved;
  });
}
