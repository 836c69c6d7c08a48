import {
  backend_util,
  conv2d,
  Conv2DBackpropFilter,
  slice,
  tidy,
  transpose,
  type Conv2DBackpropFilterAttrs,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { replaceKernel } from "./replace-kernel.ts";

/**
 * The gradient of a convolution's filter is a convolution itself, with batch and channels in each other's place and
 * dy as its filter, its taps as far apart as the stride was. x `[B, H, W, in]`, dy `[B, H', W', out]` → `[k, k, in, out]`
 */
function differentiateFilter(x: Tensor4D, dy: Tensor4D, attributes: Conv2DBackpropFilterAttrs): Tensor4D {
  const { filterShape, strides, pad, dimRoundingMode } = attributes;
  const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = info.padInfo;
  const zeros: backend_util.ExplicitPadding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const [height, width, inputs, outputs] = filterShape;
  return tidy(() => {
    const maps = transpose<Tensor4D>(x, [3, 1, 2, 0]); // [in, H, W, B]
    const taps = transpose<Tensor4D>(dy, [1, 2, 0, 3]); // [H', W', B, out]
    const all = conv2d(maps, taps, 1, zeros, "NHWC", [info.strideHeight, info.strideWidth]); // [in, ≥ k, ≥ k, out]
    const used = slice(all, 0, [inputs, height, width, outputs]); // the stride may have left a last row unread
    return transpose<Tensor4D>(used, [1, 2, 0, 3]);
  });
}

/** Gives the wasm backend the kernel it lacks: without it tfjs cannot train a convolution there. */
export const registerFilterGradient = (): void =>
  replaceKernel(
    Conv2DBackpropFilter,
    () =>
      ({ inputs, attrs }) =>
        differentiateFilter(inputs.x as Tensor4D, inputs.dy as Tensor4D, attrs as unknown as Conv2DBackpropFilterAttrs),
  );
