import type { HostArray } from "../contract/forward.ts";

/** What an engine needs to know of a recurrent captioner. */
export type RecurrentPlan = {
  readonly vocabularySize: number;
  readonly featureSize: number; // of each position of the grid
  readonly embeddingSize: number;
  readonly hiddenSize: number; // of the LSTM
  readonly alignmentSize: number;
  /** "additive": a learned score of relu(key + query); "dot": key · query / √alignmentSize. */
  readonly alignment: "additive" | "dot";
  /** "hidden": the LSTM's state is read alone; "deep": with it the word before and the context, as in the paper. */
  readonly output: "hidden" | "deep";
};

/** What an engine needs to know of a Transformer decoder with cross-attention. */
export type TransformerPlan = {
  readonly vocabularySize: number;
  readonly memorySize: number; // width of what is attended to; projected where it is not hiddenSize
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly activation: string;
  readonly layerNormEpsilon: number;
  /** "pre" comes with a norm behind the last block. */
  readonly normOrder: "pre" | "post";
  /** "sinusoidal" comes with embeddings times √hiddenSize, as in the paper. */
  readonly positions: "learned" | "sinusoidal";
  readonly maxPositions: number; // tokens, the start token included
  readonly tiedOutput: boolean; // logits are products with the token embeddings
};

export type HostStep = {
  readonly logits: Float32Array; // [rows, V]
  readonly attention: Float32Array; // [rows, L], each row sums to 1
};

/**
 * A decoder for a search that runs on the host and knows no tensors: captions in the making, one row each, which move
 * on in place. Throws `input-shape` and `invalid-argument`.
 */
export type HostDecoder<Captions = unknown> = {
  readonly maxPositions: number; // tokens, the start token included
  /** features `[B, L, C]` → B rows without words. */
  start(features: HostArray): Captions;
  /** `tokens` `[rows]`: the last word of each row, at first the start token. */
  step(captions: Captions, tokens: Int32Array): Promise<HostStep>;
  /** Row i goes on from row `rows[i]`; takes the old captions over. */
  reorder(captions: Captions, rows: Int32Array): Captions;
  release(captions: Captions): void;
};

/** A decoder on an engine of its own. */
export type DecoderEngine = {
  readonly decoder: HostDecoder;
  /** Bytes of its weights and of the captions that it has had under way at once. */
  readonly bytes: () => number;
  readonly release: () => void;
};
