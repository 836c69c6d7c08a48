import { add, conv2dTranspose, mul, tidy, type Tensor4D } from "@tensorflow/tfjs-core";
import { activate } from "../../../layers/activate.ts";
import { convolve, type Convolution } from "../../../layers/conv2d.ts";
import { padding } from "../../../layers/convolved-length.ts";
import type { ResidualBlock } from "../../../layers/residual-block.ts";
import { activationSlope } from "./activation-slope.ts";

/** gradient `[1, H', W', out]` by what a convolution gives → by the map of `shape` `[1, H, W, in]` that it read. */
const convolveBackward = ({ kernel, stride }: Convolution, shape: Tensor4D["shape"], gradient: Tensor4D): Tensor4D =>
  conv2dTranspose(gradient, kernel, shape, stride, padding(kernel.shape[0]));

/** map `[1, H, W, in]` that went into a block and the gradient by what came out → the gradient by the map. */
export function convolveBlockBackward(block: ResidualBlock, map: Tensor4D, gradient: Tensor4D): Tensor4D {
  const { first, second, shortcut, activation } = block;
  return tidy(() => {
    const before = convolve(first, map); // [1, H', W', out]
    const inner = activate(activation, before);
    const summed = add<Tensor4D>(convolve(second, inner), shortcut ? convolve(shortcut, map) : map);
    const bySummed = mul<Tensor4D>(gradient, activationSlope(activation, summed));
    const byInner = convolveBackward(second, inner.shape, bySummed);
    const byBefore = mul<Tensor4D>(byInner, activationSlope(activation, before));
    const passed = shortcut ? convolveBackward(shortcut, map.shape, bySummed) : bySummed;
    return add<Tensor4D>(convolveBackward(first, map.shape, byBefore), passed);
  });
}
