import { clone, concat, dispose, tanh, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { attendByScore, type Looked } from "../../layers/attend-by-score.ts";
import { linear } from "../../layers/linear.ts";
import { paddingMask } from "../../layers/padding-mask.ts";
import type { RecurrentState } from "../../layers/recurrent-cell.ts";
import { runStack } from "../../layers/recurrent-stack.ts";
import { embedTokens } from "../../layers/token-embedding.ts";
import { keepParts } from "../parts.ts";
import { placeTokens } from "../captioner/place-tokens.ts";
import { placeSources } from "./place-sources.ts";
import type { RecurrentSeq2Seq } from "./recurrent-seq2seq.ts";
import type { Rows, SequenceModel, Told } from "./sequence-model.ts";

/** What was read, and how far the decoder has come. */
export type RecurrentReading = {
  readonly encoded: Tensor3D; // [B, L, D], the encoder behind each token
  readonly mask: Tensor4D | null; // [B, 1, 1, L]
  readonly states: readonly RecurrentState[]; // of the decoder's layers; at first the encoder's last ones
};

/** What the decoder got of the source as well. */
export type RecurrentTold = Told<RecurrentReading> & {
  readonly contexts: Tensor3D | null; // [B, T, D]; null without attention
};

/** One source for each row, through the encoder; the caller owns the reading. */
export const readSources = ({ config, encoder, onFeatures }: RecurrentSeq2Seq, sources: Rows): RecurrentReading =>
  keepParts(() => {
    const { tokens, lengths } = placeSources(sources, config.sourceSize);
    const options = { lengths, onInput: onFeatures };
    const { outputs, states } = runStack(encoder.layers, embedTokens(encoder.embedding, tokens), options);
    return { encoded: outputs, mask: paddingMask(lengths, outputs.shape[1]), states };
  });

/**
 * T given words for each row behind those of the reading → what could come behind each of them. All steps of the LSTM
 * first, then attention of all at once, which no step waits for (Luong et al. 2015). The caller owns the results.
 */
export const writeWords = (model: RecurrentSeq2Seq, reading: RecurrentReading, words: Rows): RecurrentTold =>
  keepParts(() => {
    const { config, decoder, attending, output, onFeatures = (features) => features } = model;
    const { encoded, mask } = reading;
    const placed = placeTokens(words, encoded.shape[0], config.targetSize);
    const options = { starts: reading.states, onInput: onFeatures };
    const { outputs, states } = runStack(decoder.layers, embedTokens(decoder.embedding, placed), options); // [B, T, D]
    const looked: Looked | null = attending && attendByScore(attending.score, outputs, encoded, encoded, mask);
    const told = attending && looked ? tanh(linear(attending.combine, concat([looked.context, outputs], 2))) : outputs;
    return {
      logits: linear(output, onFeatures(told)),
      weights: looked && looked.weights,
      contexts: looked && looked.context,
      state: { encoded: clone(encoded), mask: mask && clone(mask), states },
    };
  });

const releaseReading = ({ encoded, mask, states }: RecurrentReading): void => {
  dispose([encoded, ...(mask ? [mask] : []), ...states.flatMap((state) => Object.values(state))]);
};

/** The model as whoever generates or trains drives it. */
export const recurrentModel = (model: RecurrentSeq2Seq): SequenceModel<RecurrentReading> => ({
  languages: model.config,
  read: (sources) => readSources(model, sources),
  write(state, words) {
    const { contexts, ...told } = writeWords(model, state, words);
    contexts?.dispose();
    return told;
  },
  release: releaseReading,
});
