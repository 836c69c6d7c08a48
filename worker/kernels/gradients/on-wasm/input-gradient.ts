import {
  backend_util,
  conv2d,
  Conv2DBackpropInput,
  pad,
  reshape,
  reverse,
  slice,
  tidy,
  transpose,
  type Conv2DBackpropInputAttrs,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { replaceKernel } from "./replace-kernel.ts";

/** map `[B, H, W, C]` → `[B, H·rows, W·columns, C]`: each pixel, and zeros below it and on its right */
function spread(map: Tensor4D, rows: number, columns: number): Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const lines: Tensor3D = reshape(map, [batch * height, 1, width * channels]);
  const tall = pad(lines, [
    [0, 0],
    [0, rows - 1],
    [0, 0],
  ]); // [B·H, rows, W·C]
  const pixels: Tensor3D = reshape(tall, [batch * height * rows * width, 1, channels]);
  const wide = pad(pixels, [
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ]); // [B·H·rows·W, columns, C]
  return reshape(wide, [batch, height * rows, width * columns, channels]);
}

/**
 * The gradient of a convolution's input is a convolution itself: of dy, its pixels a stride apart, with the filter
 * turned by 180°. dy `[B, H', W', out]`, filter `[k, k, in, out]` → `[B, H, W, in]`; `null` where the zeros around the
 * input are wider than the filter.
 */
function differentiateInput(dy: Tensor4D, filter: Tensor4D, attributes: Conv2DBackpropInputAttrs): Tensor4D | null {
  const { inputShape, strides, pad: padding, dimRoundingMode } = attributes;
  const info = backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, padding, dimRoundingMode);
  const [height, width] = [info.inHeight, info.inWidth];
  const [top, left] = [info.filterHeight - 1 - info.padInfo.top, info.filterWidth - 1 - info.padInfo.left];
  if (top < 0 || left < 0) return null;
  const below = height - info.outHeight * info.strideHeight + info.padInfo.top; // negative: to be cut off
  const right = width - info.outWidth * info.strideWidth + info.padInfo.left;
  const zeros: backend_util.ExplicitPadding = [
    [0, 0],
    [top, Math.max(0, below)],
    [left, Math.max(0, right)],
    [0, 0],
  ];
  return tidy(() => {
    const turned = transpose<Tensor4D>(reverse(filter, [0, 1]), [0, 1, 3, 2]); // [k, k, out, in]
    const all = conv2d(spread(dy, info.strideHeight, info.strideWidth), turned, 1, zeros); // [B, ≥ H, ≥ W, in]
    return slice(all, 0, [dy.shape[0], height, width, info.inChannels]);
  });
}

/** The wasm backend's own takes about eight times as long as the convolution; this one, twice. */
export const registerInputGradient = (): void =>
  replaceKernel(Conv2DBackpropInput, (original) => (call) => {
    const { dy, filter } = call.inputs as { dy: Tensor4D; filter: Tensor4D };
    return differentiateInput(dy, filter, call.attrs as unknown as Conv2DBackpropInputAttrs) ?? original!(call);
  });
