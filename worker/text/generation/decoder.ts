/**
 * What a search over words needs of a model, whatever computes it. A row is one sentence in the making; each row has
 * its own cache in the state. At the start there is one row for each photo.
 */
export type Decoder<Batch, State> = {
  start(batch: Batch): State;
  /** Reads one token for each row, `[rows]`, and says what may come next. The state moves on in place. */
  step(state: State, tokens: Int32Array): Promise<DecoderStep>;
  /** A state whose row r is row `rows[r]` of the old one; rows may be doubled or left out. Takes the old state over. */
  reorder(state: State, rows: Int32Array): State;
  release(state: State): void;
};

export type DecoderStep = {
  readonly logits: Float32Array; // [rows, vocabulary]
  readonly attention: Float32Array; // [rows, cells]: where the model looked for what it says now; may be empty
};

/** What a model says after one unfinished sentence. */
export type Row = {
  readonly logits: Float32Array; // [vocabulary], all of them numbers
  readonly attention: Float32Array; // [cells]
};
