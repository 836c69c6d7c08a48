import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { Linear } from "../../layers/linear.ts";
import type { RecurrentLayer } from "../../layers/recurrent-stack.ts";
import type { Score } from "../../layers/score.ts";
import type { RecurrentConfig } from "./config.ts";

/** One language's words, and the LSTM that goes over them. */
export type WordLstm = {
  readonly embedding: Tensor2D; // [E, V], a column for each token
  readonly layers: readonly RecurrentLayer[];
};

/** What the decoder does with where it looked. */
export type Attending = {
  readonly score: Score;
  readonly combine: Linear; // [2D, D], on context and state, with a tanh behind it
};

/** A recurrent model of sequences on the device. */
export type RecurrentSeq2Seq = {
  readonly config: RecurrentConfig;
  readonly encoder: WordLstm;
  readonly decoder: WordLstm;
  readonly attending: Attending | null;
  readonly output: Linear; // [D, V]
  /** What happens to the input of every LSTM, and to what the output layer reads: dropout while it learns. */
  readonly onFeatures?: ((features: Tensor3D) => Tensor3D) | undefined;
};
