import { tidy, type Tensor3D } from "@tensorflow/tfjs-core";
import { activate } from "./activate.ts";
import type { Activation } from "./activation.ts";
import { linear, type Linear } from "./linear.ts";

export type FeedForward = {
  readonly expand: Linear; // [D, inner]
  readonly activation: Activation;
  readonly contract: Linear; // [inner, D]
};

/** tokens `[B, N, D]` → `[B, N, D]`, each token on its own. */
export const feedForward = ({ expand, activation, contract }: FeedForward, tokens: Tensor3D): Tensor3D =>
  tidy(() => linear(contract, activate(activation, linear(expand, tokens))));
