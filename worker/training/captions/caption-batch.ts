/** One list of tokens for each caption. */
export type Rows = readonly (readonly number[])[];

/** Tokens that are no words. */
export type SpecialTokens = {
  readonly startToken: number;
  readonly endToken: number;
  readonly suppressed: readonly number[]; // never drawn: they stand for no text
};

/** Pictures as an encoder sees them, and what is to be learned about them; on the host. */
export type CaptionBatch = {
  readonly shape: readonly [rows: number, places: number, width: number];
  readonly features: Float32Array; // [B, L, C]
  readonly pictures: readonly number[]; // [B], by their place in the data set
  readonly task: CaptionTask;
};

export type CaptionTask =
  /** A caption for each row, without start and end; the share `own` of the words given is the model's own, 0 to 1. */
  | { readonly kind: "given"; readonly captions: Rows; readonly own: number }
  /** Sentences of its own, by the reward of each. */
  | { readonly kind: "rewarded" };

/** Sentences for teacher forcing: the decoder is given every word and is asked for the one behind it. */
export type Forced = {
  readonly given: Rows; // [B, T], the start token and the sentence but its last token; then padding
  readonly wanted: Rows; // [B, T], the sentence; then padding
  readonly lengths: readonly number[]; // [B], tokens of each sentence
  readonly words: number; // in all
};

/** `sentences`: as they are to be said, with the end token where they end. Padding is the end token, and weighs nothing. */
export function forceWords(sentences: Rows, { startToken, endToken }: SpecialTokens): Forced {
  const lengths = sentences.map(({ length }) => length);
  const longest = Math.max(...lengths);
  const padded = (row: readonly number[]): number[] => [
    ...row,
    ...new Array<number>(longest - row.length).fill(endToken),
  ];
  return {
    given: sentences.map((row) => padded([startToken, ...row.slice(0, -1)])),
    wanted: sentences.map(padded),
    lengths,
    words: lengths.reduce((sum, length) => sum + length, 0),
  };
}

/** What each of `[B, T]` tokens weighs, row by row: `weights[row]`, and padding 0. */
export function weighWords({ lengths, wanted }: Forced, weights: readonly number[]): Float32Array {
  const longest = wanted[0]!.length;
  const all = new Float32Array(lengths.length * longest);
  for (const [row, length] of lengths.entries()) all.fill(weights[row]!, row * longest, row * longest + length);
  return all;
}
