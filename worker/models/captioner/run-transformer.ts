import { add, clone, mean, mul, slice, type Tensor2D, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { expectRoom } from "../../kernels/caption-rows.ts";
import { causalMask } from "../../layers/causal-mask.ts";
import { decode } from "../../layers/decoder-block.ts";
import { expectShape } from "../../layers/expect-shape.ts";
import { layerNorm } from "../../layers/layer-norm.ts";
import { linear } from "../../layers/linear.ts";
import { projectKeysAndValues, type KeysAndValues } from "../../layers/multi-head-attention.ts";
import { embedTokens } from "../../layers/token-embedding.ts";
import type { TransformerConfig } from "./config.ts";
import { emptyState, type DecoderRun, type DecoderState } from "./decoder-state.ts";
import { keepParts } from "../parts.ts";
import { placeTokens } from "./place-tokens.ts";
import type { TransformerDecoder } from "./transformer-decoder.ts";

/** Keys and values of each block: those of the photo, and those of the words so far. */
export type TransformerState = DecoderState<KeysAndValues, KeysAndValues | null>;

/** What each block looked at as well. */
export type TransformerRun = DecoderRun<TransformerState> & {
  readonly attentions: readonly Tensor4D[]; // one for each block, [rows, H, T, L]; rows sum to 1
};

/** memory `[B, L, C]` → a state without words; the photo's keys and values are computed here and never again. */
export function startTransformer(decoder: TransformerDecoder, memory: Tensor3D): TransformerState {
  expectShape("memory", memory, [null, null, decoder.config.memorySize]);
  return keepParts(() => {
    const projected = decoder.memoryProjection ? linear(decoder.memoryProjection, memory) : memory; // [B, L, D]
    const layers = decoder.blocks.map(({ crossAttention }) => ({
      memory: projectKeysAndValues(crossAttention, projected),
      written: null,
    }));
    return emptyState(memory.shape[0], layers);
  });
}

/** What words of one language become vectors by. */
export type WordEmbedding = Pick<TransformerDecoder, "embedding" | "positions" | "onEmbedded"> & {
  readonly config: Pick<TransformerConfig, "positions" | "hiddenSize">;
};

/** tokens `[rows, T]` behind `past` others → `[rows, T, D]`. Call it inside `tidy`. */
export function embedWords(
  { config, embedding, positions, onEmbedded = (embedded) => embedded }: WordEmbedding,
  tokens: Tensor2D,
  past: number,
): Tensor3D {
  const words = embedTokens(embedding, tokens);
  const scaled = config.positions === "sinusoidal" ? mul<Tensor3D>(words, Math.sqrt(config.hiddenSize)) : words;
  return onEmbedded(add(scaled, slice(positions, [past, 0], [tokens.shape[1], config.hiddenSize])));
}

/**
 * `tokens`: T given words for each row, behind those of the state → what could come behind each of them, and where each
 * block looked. T words at once and one by one give the same. The caller owns every tensor of the result; `state` stays
 * as it is. `memoryMask` `[rows, 1, 1, L]`, of `paddingMask`, hides what is no part of the memory.
 */
export function runTransformer(
  decoder: TransformerDecoder,
  { photos, length, layers }: TransformerState,
  tokens: readonly (readonly number[])[],
  memoryMask?: Tensor4D | null,
): TransformerRun {
  return keepParts(() => {
    const placed = placeTokens(tokens, photos.length, decoder.config.vocabularySize);
    const [, count] = placed.shape;
    expectRoom(length + count, decoder.config.maxPositions);
    const mask = causalMask(count, length);
    const after: TransformerState["layers"][number][] = [];
    const attentions: Tensor4D[] = [];
    let words = embedWords(decoder, placed, length); // [rows, T, D]
    for (const [layer, block] of decoder.blocks.entries()) {
      const { memory, written } = layers[layer]!;
      const result = decode(block, words, { memory, written, mask, memoryMask });
      words = result.tokens;
      attentions.push(result.attention);
      after.push({ memory: { keys: clone(memory.keys), values: clone(memory.values) }, written: result.written });
    }
    const read = decoder.norm ? layerNorm(decoder.norm, words) : words;
    return {
      logits: linear(decoder.output, read),
      alphas: average(attentions),
      attentions,
      state: { photos, length: length + count, layers: after },
    };
  });
}

/** `[rows, H, T, L]` of each block → their mean over heads and blocks, `[rows, T, L]`. */
const average = (attentions: readonly Tensor4D[]): Tensor3D =>
  mul(
    attentions.map((attention): Tensor3D => mean(attention, 1)).reduce((sum, one) => add(sum, one)),
    1 / attentions.length,
  );
