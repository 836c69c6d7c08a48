import type { Random } from "../../contract/random.ts";
import type { Alphabet } from "./alphabet.ts";

/** What is read, and what is to be written. */
export type Example = { readonly source: string; readonly target: string };

/** Something to learn about sequences of characters. */
export type SequenceTask = {
  readonly source: Alphabet;
  readonly target: Alphabet;
  readonly longestSource: number; // characters
  readonly longestTarget: number;
  /** One to learn from; never one of `heldOut`, in whatever form. */
  draw(random: Random): Example;
  readonly heldOut: readonly Example[];
};
