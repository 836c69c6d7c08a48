import type { Score } from "../../layers/score.ts";

/** What every model that turns one sequence into another knows of its two languages. */
export type Languages = {
  readonly sourceSize: number; // tokens that can be read
  readonly targetSize: number; // tokens that can be written
  readonly startToken: number; // read before the first word is written
  readonly endToken: number; // written behind the last
};

/** Encoder LSTM and decoder LSTM (Sutskever et al. 2014), with attention between them (Luong et al. 2015) or without. */
export type RecurrentConfig = Languages & {
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly layers: number; // of each LSTM
  readonly attention: Score["kind"] | null; // null: the decoder knows the encoder's last state alone
};

/** The Transformer of Vaswani et al. 2017, as PyTorch's `nn.Transformer`: with a norm behind either stack of blocks. */
export type TransformerConfig = Languages & {
  readonly hiddenSize: number;
  readonly layers: number; // of encoder and decoder each
  readonly heads: number;
  readonly intermediateSize: number;
  readonly maxPositions: number; // tokens of a source, and of a target with its start token
  readonly layerNormEpsilon: number;
};
