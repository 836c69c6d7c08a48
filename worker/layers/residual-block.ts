import { add, tidy, type Tensor4D } from "@tensorflow/tfjs-core";
import { activate } from "./activate.ts";
import type { Activation } from "./activation.ts";
import { convolve, type Convolution } from "./conv2d.ts";

/** The basic residual block (He et al. 2016): two 3×3 convolutions, batch normalisation folded into each. */
export type ResidualBlock = {
  readonly first: Convolution; // [3, 3, in, out], with the block's stride
  readonly second: Convolution; // [3, 3, out, out]
  readonly shortcut: Convolution | null; // [1, 1, in, out], where channels or size change; null for the identity
  readonly activation: Activation;
};

/** map `[B, H, W, in]` → `[B, H', W', out]`. `onBranch`: what training does to the two convolutions' answer. */
export function convolveBlock(
  { first, second, shortcut, activation }: ResidualBlock,
  map: Tensor4D,
  onBranch?: (branch: Tensor4D) => Tensor4D,
): Tensor4D {
  return tidy(() => {
    const branch = convolve(second, activate(activation, convolve(first, map))); // [B, H', W', out]
    const passed = shortcut ? convolve(shortcut, map) : map; // [B, H', W', out]
    return activate(activation, add<Tensor4D>(onBranch?.(branch) ?? branch, passed));
  });
}
