import type { Activation } from "../../layers/activation.ts";
import type { NormOrder } from "../../layers/decoder-block.ts";

/** All that tells one recurrent captioner from another (Xu et al. 2015, "Show, Attend and Tell", soft attention). */
export type RecurrentConfig = {
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

/** All that tells one Transformer decoder with cross-attention from another: GPT-2's, or one as in Vaswani et al. 2017. */
export type TransformerConfig = {
  readonly vocabularySize: number;
  readonly memorySize: number; // width of what is attended to; projected where it is not hiddenSize
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
  /** "pre" comes with a norm behind the last block. */
  readonly normOrder: NormOrder;
  /** "sinusoidal" comes with embeddings times √hiddenSize, as in the paper. */
  readonly positions: "learned" | "sinusoidal";
  readonly maxPositions: number; // tokens, the start token included
  readonly tiedOutput: boolean; // logits are products with the token embeddings
};
