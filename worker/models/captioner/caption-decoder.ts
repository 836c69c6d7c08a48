import { dispose, reshape, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import { releaseState, reorderState, type DecoderRun, type DecoderState } from "./decoder-state.ts";
import type { RecurrentCaptioner } from "./recurrent-captioner.ts";
import { runRecurrent, startRecurrent, type RecurrentState } from "./run-recurrent.ts";
import { runTransformer, startTransformer, type TransformerState } from "./run-transformer.ts";
import type { TransformerDecoder } from "./transformer-decoder.ts";

/** One more word for each row: what could come next, and where the decoder looked to tell. */
export type DecoderStep<State> = {
  readonly logits: Tensor2D; // [rows, V]
  readonly alphas: Tensor2D; // [rows, L], each row sums to 1
  readonly state: State;
};

/**
 * What a generation loop drives, whatever decoder writes. States are values: `step`, `run` and `reorder` leave theirs
 * as it is and give another, and whoever holds one ends it with `release`. The caller owns every tensor of an answer.
 */
export type CaptionDecoder<State> = {
  readonly vocabularySize: number;
  readonly maxPositions: number; // tokens, the start token included
  /** features `[B, L, C]`, which stay the caller's → a state of B rows without words. */
  start(features: Tensor3D): State;
  /** `tokens`: the last word of each row, at first the start token. */
  step(state: State, tokens: readonly number[]): DecoderStep<State>;
  /** `tokens`: T given words for each row; the same as T steps. */
  run(state: State, tokens: readonly (readonly number[])[]): DecoderRun<State>;
  /** Row i of the new state goes on from row `rows[i]`; rows may repeat, and be left out. */
  reorder(state: State, rows: readonly number[]): State;
  release(state: State): void;
};

type Family<State> = Pick<CaptionDecoder<State>, "vocabularySize" | "maxPositions" | "start" | "run">;

/** `[rows, 1, width]` → `[rows, width]`; the given tensor is gone. */
function withoutTime(single: Tensor3D): Tensor2D {
  const [rows, , width] = single.shape;
  const flat: Tensor2D = reshape(single, [rows, width]);
  dispose(single);
  return flat;
}

const decoderOf = <State extends DecoderState>(
  family: Family<State>,
  reorder: CaptionDecoder<State>["reorder"],
): CaptionDecoder<State> => ({
  ...family,
  step(state, tokens) {
    const {
      logits,
      alphas,
      state: after,
    } = family.run(
      state,
      tokens.map((token) => [token]),
    );
    return { logits: withoutTime(logits), alphas: withoutTime(alphas), state: after };
  },
  reorder,
  release: releaseState,
});

export const recurrentDecoder = (captioner: RecurrentCaptioner): CaptionDecoder<RecurrentState> =>
  decoderOf<RecurrentState>(
    {
      vocabularySize: captioner.config.vocabularySize,
      maxPositions: Infinity,
      start: (features) => startRecurrent(captioner, features),
      run: (state, tokens) => runRecurrent(captioner, state, tokens),
    },
    reorderState,
  );

export const transformerDecoder = (decoder: TransformerDecoder): CaptionDecoder<TransformerState> =>
  decoderOf<TransformerState>(
    {
      vocabularySize: decoder.config.vocabularySize,
      maxPositions: decoder.config.maxPositions,
      start: (features) => startTransformer(decoder, features),
      run(state, tokens) {
        const { attentions, ...run } = runTransformer(decoder, state, tokens);
        dispose([...attentions]);
        return run;
      },
    },
    reorderState,
  );
