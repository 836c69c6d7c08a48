import { clone, dispose, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { layerNorm } from "../../layers/layer-norm.ts";
import { paddingMask } from "../../layers/padding-mask.ts";
import { encodePostNorm } from "../../layers/post-norm-block.ts";
import { releaseState } from "../captioner/decoder-state.ts";
import { keepParts } from "../parts.ts";
import { embedWords, runTransformer, startTransformer, type TransformerState } from "../captioner/run-transformer.ts";
import { placeSources } from "./place-sources.ts";
import type { Rows, SequenceModel } from "./sequence-model.ts";
import type { Transformer } from "./transformer.ts";

/** What an encoder makes of its sources, and where each block looked. */
export type Encoded = {
  readonly memory: Tensor3D; // [B, L, D]
  readonly mask: Tensor4D | null; // [B, 1, 1, L]
  readonly attentions: readonly Tensor4D[]; // one for each block, [B, H, L, L]; rows sum to 1
};

/** What was read, and the keys and values of the words so far. */
export type TransformerReading = {
  readonly decoder: TransformerState;
  readonly mask: Tensor4D | null; // [B, 1, 1, L]
};

/** One source for each row, through the encoder; the caller owns the results. Throws `invalid-argument`. */
export const encodeSources = (
  { config, sourceEmbedding, blocks, norm, decoder }: Transformer,
  sources: Rows,
): Encoded =>
  keepParts(() => {
    const { tokens, lengths } = placeSources(sources, config.sourceSize);
    const count = tokens.shape[1];
    if (count > config.maxPositions) {
      const message = `source of ${count} tokens: this model has ${config.maxPositions} positions`;
      throw new VisionError("invalid-argument", message);
    }
    const mask = paddingMask(lengths, count);
    const attentions: Tensor4D[] = [];
    let words = embedWords({ ...decoder, embedding: sourceEmbedding }, tokens, 0); // [B, L, D]
    for (const block of blocks) {
      const result = encodePostNorm(block, words, mask);
      words = result.tokens;
      attentions.push(result.attention);
    }
    return { memory: layerNorm(norm, words), mask, attentions };
  });

/** The model as whoever generates or trains drives it; words written before are not computed again. */
export const transformerModel = (transformer: Transformer): SequenceModel<TransformerReading> => ({
  languages: transformer.config,
  read: (sources) =>
    keepParts(() => {
      const { memory, mask } = encodeSources(transformer, sources);
      return { decoder: startTransformer(transformer.decoder, memory), mask };
    }),
  write: ({ decoder, mask }, words) =>
    keepParts(() => {
      const { logits, alphas, state } = runTransformer(transformer.decoder, decoder, words, mask);
      return { logits, weights: alphas, state: { decoder: state, mask: mask && clone(mask) } };
    }),
  release({ decoder, mask }) {
    releaseState(decoder);
    if (mask) dispose(mask);
  },
});
