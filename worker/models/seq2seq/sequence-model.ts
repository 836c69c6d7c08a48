import type { Tensor3D } from "@tensorflow/tfjs-core";
import type { Languages } from "./config.ts";

/** Rows of tokens; those of a source may be of several lengths. */
export type Rows = readonly (readonly number[])[];

/** What could come behind each of T given words, and where the model looked to tell. */
export type Told<State> = {
  readonly logits: Tensor3D; // [B, T, V]
  readonly weights: Tensor3D | null; // [B, T, L] over the source's tokens, rows sum to 1; null without attention
  readonly state: State; // behind the last word
};

/**
 * A model that reads one sequence and writes another, whatever it is made of. States are values: `write` leaves its own
 * as it is and gives another, and whoever holds one ends it with `release`. The caller owns every tensor of an answer.
 */
export type SequenceModel<State> = {
  readonly languages: Languages;
  /** One source for each row → a state without words. Throws `invalid-argument`. */
  read(sources: Rows): State;
  /**
   * `words`: T given ones for each row, behind those of the state; at first the start token. T words at once, as
   * teacher forcing gives them, and one by one come to the same.
   */
  write(state: State, words: Rows): Told<State>;
  release(state: State): void;
};
