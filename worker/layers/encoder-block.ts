import { add, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
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

/** tokens `[B, N, D]` → tokens and where they looked; the caller owns both results. */
export function encode(block: EncoderBlock, tokens: Tensor3D): BlockResult {
  return tidy(() => {
    const { mixed, weights } = selfAttend(block.attention, layerNorm(block.normBefore, tokens));
    const attended = add<Tensor3D>(tokens, mixed); // [B, N, D]
    const fed = feedForward(block.feedForward, layerNorm(block.normAfter, attended));
    return { tokens: add<Tensor3D>(attended, fed), attention: weights };
  });
}
