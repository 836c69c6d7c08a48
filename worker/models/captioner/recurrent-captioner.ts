import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { Alignment } from "../../layers/alignment.ts";
import type { Linear } from "../../layers/linear.ts";
import type { LstmCell } from "../../layers/lstm-cell.ts";
import { releaseParts } from "../parts.ts";
import type { RecurrentConfig } from "./config.ts";

/** What the output layer reads beside the LSTM's state: the word before and the context, all as wide as a word. */
export type DeepOutput = {
  readonly hidden: Linear; // [D, E]
  readonly context: Linear; // [C, E]
};

/** A recurrent captioner on the device (Xu et al. 2015). `releaseRecurrent` gives its memory back. */
export type RecurrentCaptioner = {
  readonly config: RecurrentConfig;
  readonly embedding: Tensor2D; // [E, V], a column for each token
  readonly initialHidden: Linear; // [C, D], on the mean position
  readonly initialCell: Linear; // [C, D]
  readonly alignment: Alignment;
  readonly gate: Linear; // [D, C], how much of the context to let in
  readonly cell: LstmCell; // reads the word and the context, [E + C, 4D]
  readonly deepOutput: DeepOutput | null;
  /** What happens to words, to hidden states and to what is read out, `[rows, T, …]`: dropout while it learns. */
  readonly onFeatures?: ((features: Tensor3D) => Tensor3D) | undefined;
  readonly output: Linear; // [E, V] behind a deep output, else [D, V]
};

export const releaseRecurrent: (captioner: RecurrentCaptioner) => void = releaseParts;
