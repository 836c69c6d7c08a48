import type { Decoder } from "../../../../worker/text/generation/decoder.ts";

/** A made-up model: what it says depends on the photo and on every token said so far. */
export type ChainModel = {
  readonly vocabulary: number;
  readonly logit: (photo: number, said: readonly number[], token: number) => number;
};

type ChainRow = { readonly photo: number; readonly said: readonly number[] };
export type ChainState = { rows: readonly ChainRow[]; released: boolean };

export type ChainDecoder = Decoder<readonly number[], ChainState> & {
  readonly states: ChainState[]; // all that were ever made
  readonly steps: number[]; // rows of each step
};

/** What the made-up model looks at when it says its next token: the tokens before, so that rows cannot be mixed up. */
export const lookedAt = (photo: number, said: readonly number[], cells = 6): number[] =>
  Array.from({ length: cells }, (_, cell) => (cell === 0 ? photo : (said.at(-cell) ?? -1)));

/** A decoder whose cache is the list of tokens each row has read. A batch is a list of photos. */
export function chainDecoder({ vocabulary, logit }: ChainModel): ChainDecoder {
  const states: ChainState[] = [];
  const steps: number[] = [];
  const open = (rows: readonly ChainRow[]): ChainState => {
    const state = { rows, released: false };
    states.push(state);
    return state;
  };
  return {
    states,
    steps,
    start: (photos) => open(photos.map((photo) => ({ photo, said: [] }))),
    async step(state, tokens) {
      if (state.released || tokens.length !== state.rows.length) throw new Error("a state that is not the decoder's");
      steps.push(tokens.length);
      state.rows = state.rows.map(({ photo, said }, row) => ({ photo, said: [...said, tokens[row]!] }));
      const tokenIds = Array.from({ length: vocabulary }, (_, token) => token);
      return {
        logits: Float32Array.from(
          state.rows.flatMap(({ photo, said }) => tokenIds.map((token) => logit(photo, said, token))),
        ),
        attention: Float32Array.from(state.rows.flatMap(({ photo, said }) => lookedAt(photo, said))),
      };
    },
    reorder(state, rows) {
      state.released = true;
      return open(Array.from(rows, (row) => state.rows[row]!));
    },
    release(state) {
      state.released = true;
    },
  };
}

/** Log-probabilities of what may follow, in float64 from the model's own formula. */
export function nextLogProbabilities({ vocabulary, logit }: ChainModel, photo: number, said: readonly number[]) {
  const logits = Array.from({ length: vocabulary }, (_, token) => Math.fround(logit(photo, said, token)));
  const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - logSum);
}

/** The log-probability of a whole sentence, token by token. */
export function rescore(model: ChainModel, photo: number, start: number, tokens: readonly number[]): number {
  return tokens.reduce(
    (sum, token, at) => sum + nextLogProbabilities(model, photo, [start, ...tokens.slice(0, at)])[token]!,
    0,
  );
}

export const START = 0;
export const END = 1;

/** Logits that depend on the whole sentence through a hash of it; the model of the golden file, with other moduli. */
export const hashModel = (vocabulary: number, seed: number, modulus = 1009): ChainModel => ({
  vocabulary,
  logit: (photo, said, token) => {
    const hash = said.reduce((h, before) => (31 * h + before + 1) % modulus, 0);
    return 3 * Math.sin(0.37 * hash + 2.1 * token + 1.3 * photo + seed);
  },
});
