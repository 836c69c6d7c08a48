import {
  add,
  clone,
  concat,
  mean,
  mul,
  sigmoid,
  stack,
  unstack,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { align, alignmentKeys, contextOf } from "../../layers/alignment.ts";
import { expectShape } from "../../layers/expect-shape.ts";
import { linear, linearRows } from "../../layers/linear.ts";
import { stepLstm, type LstmState } from "../../layers/lstm-cell.ts";
import { embedTokens } from "../../layers/token-embedding.ts";
import { emptyState, type DecoderRun, type DecoderState } from "./decoder-state.ts";
import { keepParts } from "../parts.ts";
import { placeTokens } from "./place-tokens.ts";
import type { RecurrentCaptioner } from "./recurrent-captioner.ts";

/** What a photo is to a recurrent captioner. */
type AlignedGrid = {
  readonly grid: Tensor3D; // [rows, L, C]
  readonly keys: Tensor3D; // [rows, L, A]
};

export type RecurrentState = DecoderState<AlignedGrid, LstmState>;

/** grid `[B, L, C]` → a state without words: the LSTM starts from the mean position. The caller owns it. */
export function startRecurrent(captioner: RecurrentCaptioner, grid: Tensor3D): RecurrentState {
  const { config, initialHidden, initialCell, alignment } = captioner;
  expectShape("grid", grid, [null, null, config.featureSize]);
  return keepParts(() => {
    const average: Tensor2D = mean(grid, 1); // [B, C]
    const memory = { grid: clone(grid), keys: alignmentKeys(alignment, grid) };
    const written = { hidden: linearRows(initialHidden, average), cell: linearRows(initialCell, average) };
    return emptyState(grid.shape[0], [{ memory, written }]);
  });
}

/** What the captioner did to write one more word. */
type WrittenWord = {
  readonly alphas: Tensor2D; // [rows, L]
  readonly context: Tensor2D; // [rows, C]
  readonly lstm: LstmState;
};

/** word `[rows, E]`, the one before the one to be written. */
function write(captioner: RecurrentCaptioner, photo: AlignedGrid, word: Tensor2D, before: LstmState): WrittenWord {
  const alphas = align(captioner.alignment, photo.keys, before.hidden);
  const gate = sigmoid(linearRows(captioner.gate, before.hidden)); // [rows, C]
  const context = mul<Tensor2D>(gate, contextOf(alphas, photo.grid));
  return { alphas, context, lstm: stepLstm(captioner.cell, concat([word, context], 1), before) };
}

const asTheyAre = (features: Tensor3D): Tensor3D => features;

/** words `[rows, T, E]` before, hidden `[rows, T, D]` and contexts `[rows, T, C]` → logits `[rows, T, V]` */
function readOut(captioner: RecurrentCaptioner, words: Tensor3D, hidden: Tensor3D, contexts: Tensor3D): Tensor3D {
  const { deepOutput, output, onFeatures = asTheyAre } = captioner;
  const told = onFeatures(hidden);
  if (!deepOutput) return linear(output, told);
  const read = add(linear(deepOutput.hidden, told), linear(deepOutput.context, contexts)); // [rows, T, E]
  return linear(output, onFeatures(add(words, read)));
}

/**
 * `tokens`: T given words for each row → what could come behind each of them. T words at once and one by one give the
 * same. The caller owns every tensor of the result; `state` stays as it is.
 */
export function runRecurrent(
  captioner: RecurrentCaptioner,
  state: RecurrentState,
  tokens: readonly (readonly number[])[],
): DecoderRun<RecurrentState> {
  const { photos, length, layers } = state;
  const [{ memory, written: before }] = layers as [RecurrentState["layers"][number]];
  return keepParts(() => {
    const placed = placeTokens(tokens, photos.length, captioner.config.vocabularySize);
    const { embedding, onFeatures = asTheyAre } = captioner;
    const words = onFeatures(embedTokens(embedding, placed)); // [rows, T, E]
    const steps: WrittenWord[] = [];
    for (const word of unstack(words, 1) as Tensor2D[]) {
      steps.push(write(captioner, memory, word, steps.at(-1)?.lstm ?? before));
    }
    const along = (part: (step: WrittenWord) => Tensor2D): Tensor3D => stack(steps.map(part), 1) as Tensor3D;
    const hidden = along(({ lstm }) => lstm.hidden); // [rows, T, D]
    const contexts = along(({ context }) => context); // [rows, T, C]
    const photo = { grid: clone(memory.grid), keys: clone(memory.keys) };
    return {
      logits: readOut(captioner, words, hidden, contexts),
      alphas: along(({ alphas }) => alphas), // [rows, T, L]
      state: { photos, length: length + steps.length, layers: [{ memory: photo, written: steps.at(-1)!.lstm }] },
    };
  });
}
