/** What reading a model's tokens aloud needs, whatever the tokens are: whole words, or pairs of bytes. */
export type Tokenizer = {
  readonly size: number; // ids lie below this; the model's embedding must have as many rows
  /** Text → ids, without start or end. */
  encode(text: string): number[];
  /** Ids → text; special tokens are left out. Throws `invalid-argument` for an id that is none. */
  decode(ids: readonly number[]): string;
  /** Whether a token begins a word rather than going on with the one before. */
  startsWord(id: number): boolean;
};
