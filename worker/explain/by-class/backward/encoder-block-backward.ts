import { add, addN, mul, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { attend } from "../../../layers/attention.ts";
import type { EncoderBlock } from "../../../layers/encoder-block.ts";
import { joinHeads, splitHeads } from "../../../layers/heads.ts";
import { layerNorm } from "../../../layers/layer-norm.ts";
import { linear } from "../../../layers/linear.ts";
import { activationSlope } from "./activation-slope.ts";
import { attentionBackward } from "./attention-backward.ts";
import { layerNormBackward } from "./layer-norm-backward.ts";
import { linearBackward } from "./linear-backward.ts";

/** One encoder block on the way back: its inner values, computed again, and the gradients by them. */
export type BlockGradients = {
  readonly tokens: Tensor3D; // [1, N, D], gradient by the block's input
  readonly normed: Tensor3D; // [1, N, D], what the first norm gives
  readonly byNormed: Tensor3D; // [1, N, D]
  readonly attention: Tensor4D; // [1, H, N, N]
  readonly byAttention: Tensor4D; // [1, H, N, N], with the weights free of one another
};

/**
 * tokens `[1, N, D]` that went into a block and the gradient `[1, N, D]` by what came out → the gradients within.
 * Written out, since tfjs's own would also compute those by every kernel, which nobody asks for here.
 * The caller owns every tensor of the result.
 */
export function encodeBackward(block: EncoderBlock, tokens: Tensor3D, gradient: Tensor3D): BlockGradients {
  const { normBefore, attention, normAfter, feedForward } = block;
  const { heads, query, key, value, output } = attention;
  return tidy(() => {
    const normed = layerNorm(normBefore, tokens); // [1, N, D]
    const split = (part: typeof query): Tensor4D => splitHeads(linear(part, normed), heads);
    const parts = { query: split(query), key: split(key), value: split(value) }; // [1, H, N, d] each
    const { mixed, weights } = attend(parts.query, parts.key, parts.value);
    const attended = add<Tensor3D>(tokens, linear(output, joinHeads(mixed))); // [1, N, D]
    const inner = linear(feedForward.expand, layerNorm(normAfter, attended)); // [1, N, intermediate]

    const byActivated = linearBackward(feedForward.contract, gradient);
    const byInner = mul<Tensor3D>(byActivated, activationSlope(feedForward.activation, inner));
    const byFed = layerNormBackward(normAfter, attended, linearBackward(feedForward.expand, byInner));
    const byAttended = add<Tensor3D>(gradient, byFed); // [1, N, D]
    const scale = 1 / Math.sqrt(parts.query.shape[3]);
    const byMixed = splitHeads(linearBackward(output, byAttended), heads); // [1, H, N, d]
    const by = attentionBackward({ ...parts, weights, scale }, byMixed);
    const byNormed = addN<Tensor3D>([
      linearBackward(query, joinHeads(by.query)),
      linearBackward(key, joinHeads(by.key)),
      linearBackward(value, joinHeads(by.value)),
    ]);
    return {
      tokens: add<Tensor3D>(byAttended, layerNormBackward(normBefore, tokens, byNormed)),
      normed,
      byNormed,
      attention: weights,
      byAttention: by.weights,
    };
  });
}
