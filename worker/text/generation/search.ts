import type { Row } from "./decoder.ts";
import type { Generated, Path } from "./path.ts";

/** The search for one photo's sentences, one step of the model at a time. */
export type Search = {
  /** The sentences that the model is to go on with, one row each; none when the search is over. */
  open(): readonly Path[];
  /** Takes what the model says of each open row, and tells which row each of those open now came from. */
  advance(rows: readonly Row[]): number[];
  /** Ends what is still open as it stands. */
  cut(): void;
  /** Among these, and what may still follow the open ones, is the sentence that will be returned first. */
  leading(): readonly Path[];
  /** What to return, best first; fewer than asked for where there are no more. */
  results(): Generated[];
};
