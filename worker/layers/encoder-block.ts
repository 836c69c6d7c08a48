import { add, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { WeightsHook } from "./attention.ts";
import { feedForward, type FeedForward } from "./feed-forward.ts";
import { layerNorm, type LayerNorm } from "./layer-norm.ts";
import { selfAttend, type MultiHeadAttention } from "./multi-head-attention.ts";

/** A pre-norm Transformer encoder block: both halves normalise first and add to the residual stream. */
export type EncoderBlock = {
  readonly normBefore: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly normAfter: LayerNorm;
  readonly feedForward: FeedForward;
};

export type BlockResult = {
  readonly tokens: Tensor3D; // [B, N, D]
  readonly attention: Tensor4D; // [B, H, N, N]
};

/** Where training and explanations reach into a block; what is left out changes nothing. */
export type BlockHooks = {
  readonly weights?: WeightsHook;
  /** What either half adds to the residual stream, `[B, N, D]`: dropout, stochastic depth. */
  readonly branch?: (branch: Tensor3D) => Tensor3D;
};

/** tokens `[B, N, D]` → tokens and where they looked; the caller owns both results. */
export function encode(block: EncoderBlock, tokens: Tensor3D, hooks: BlockHooks = {}): BlockResult {
  const { branch = (added: Tensor3D) => added } = hooks;
  return tidy(() => {
    const { mixed, weights } = selfAttend(block.attention, layerNorm(block.normBefore, tokens), hooks.weights);
    const attended = add<Tensor3D>(tokens, branch(mixed)); // [B, N, D]
    const fed = feedForward(block.feedForward, layerNorm(block.normAfter, attended));
    return { tokens: add<Tensor3D>(attended, branch(fed)), attention: weights };
  });
}
