import { add, concat, tidy, type Tensor2D, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { feedForward, type FeedForward } from "./feed-forward.ts";
import { layerNorm, type LayerNorm } from "./layer-norm.ts";
import { attendTo, projectKeysAndValues, type KeysAndValues, type MultiHeadAttention } from "./multi-head-attention.ts";

/** A Transformer decoder block (Vaswani et al. 2017): masked self-attention, cross-attention, feed-forward. */
export type DecoderBlock = {
  /** "post": norm(x + part(x)), as in the paper; "pre": x + part(norm(x)), as in GPT-2. */
  readonly normOrder: NormOrder;
  readonly selfNorm: LayerNorm;
  readonly selfAttention: MultiHeadAttention;
  readonly crossNorm: LayerNorm;
  readonly crossAttention: MultiHeadAttention;
  readonly feedNorm: LayerNorm;
  readonly feedForward: FeedForward;
  /** What each part adds to its input, `[B, T, D]`: dropout while it learns. */
  readonly onBranch?: ((branch: Tensor3D) => Tensor3D) | undefined;
};

export type NormOrder = "pre" | "post";

/** What the tokens of a block attend to beside themselves. */
export type DecoderSurroundings = {
  readonly written: KeysAndValues | null; // the P tokens before, [B, H, P, d]; null at the start
  readonly memory: KeysAndValues; // what is told about, [B, H, L, d]
  readonly mask: Tensor2D | null; // [T, P + T], of `causalMask(T, P)`
  readonly memoryMask?: Tensor4D | null | undefined; // [B, 1, 1, L], of `paddingMask`
};

export type DecoderBlockResult = {
  readonly tokens: Tensor3D; // [B, T, D]
  readonly written: KeysAndValues; // [B, H, P + T, d]
  readonly attention: Tensor4D; // [B, H, T, L], where each token looked, rows sum to 1
};

/** tokens `[B, T, D]` → tokens, the keys and values of all written so far, and where each looked; all the caller's own. */
export function decode(block: DecoderBlock, tokens: Tensor3D, around: DecoderSurroundings): DecoderBlockResult {
  const { normOrder, selfNorm, selfAttention, crossNorm, crossAttention, feedNorm } = block;
  const { onBranch = (branch: Tensor3D) => branch } = block;
  const before = (norm: LayerNorm, x: Tensor3D): Tensor3D => (normOrder === "pre" ? layerNorm(norm, x) : x);
  const after = (norm: LayerNorm, x: Tensor3D): Tensor3D => (normOrder === "post" ? layerNorm(norm, x) : x);
  return tidy(() => {
    const own = before(selfNorm, tokens); // [B, T, D]
    const written = append(around.written, projectKeysAndValues(selfAttention, own));
    const recalled = attendTo(selfAttention, own, written, undefined, around.mask).mixed;
    const x = after(selfNorm, add(tokens, onBranch(recalled)));
    const { mixed, weights } = attendTo(
      crossAttention,
      before(crossNorm, x),
      around.memory,
      undefined,
      around.memoryMask,
    );
    const y = after(crossNorm, add(x, onBranch(mixed)));
    const z = after(feedNorm, add(y, onBranch(feedForward(block.feedForward, before(feedNorm, y)))));
    return { tokens: z, written, attention: weights };
  });
}

const append = (before: KeysAndValues | null, added: KeysAndValues): KeysAndValues =>
  before
    ? { keys: concat([before.keys, added.keys], 2), values: concat([before.values, added.values], 2) } // along tokens
    : added;
