import { add, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { BlockResult } from "./encoder-block.ts";
import { feedForward, type FeedForward } from "./feed-forward.ts";
import { layerNorm, type LayerNorm } from "./layer-norm.ts";
import { attendTo, projectKeysAndValues, type MultiHeadAttention } from "./multi-head-attention.ts";

/** The encoder block of Vaswani et al. 2017: each half adds to its input, and the sum is normalised. */
export type PostNormBlock = {
  readonly selfAttention: MultiHeadAttention;
  readonly selfNorm: LayerNorm;
  readonly feedForward: FeedForward;
  readonly feedNorm: LayerNorm;
  /** What either half adds to its input, `[B, N, D]`: dropout while it learns. */
  readonly onBranch?: ((branch: Tensor3D) => Tensor3D) | undefined;
};

/** tokens `[B, N, D]` → tokens and where they looked; `mask` as of `paddingMask`. The caller owns both results. */
export function encodePostNorm(block: PostNormBlock, tokens: Tensor3D, mask?: Tensor4D | null): BlockResult {
  const { onBranch = (branch: Tensor3D) => branch } = block;
  return tidy(() => {
    const around = projectKeysAndValues(block.selfAttention, tokens);
    const { mixed, weights } = attendTo(block.selfAttention, tokens, around, undefined, mask);
    const attended = layerNorm<Tensor3D>(block.selfNorm, add(tokens, onBranch(mixed))); // [B, N, D]
    const fed = feedForward(block.feedForward, attended);
    return { tokens: layerNorm<Tensor3D>(block.feedNorm, add(attended, onBranch(fed))), attention: weights };
  });
}
