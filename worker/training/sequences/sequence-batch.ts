import type { Rows } from "../../models/seq2seq/sequence-model.ts";
import { END, PAD, START } from "./alphabet.ts";
import type { Example, SequenceTask } from "./sequence-task.ts";

/** Examples as tokens, for teacher forcing: the decoder is given every word and is asked for the one behind it. */
export type SequenceBatch = {
  readonly sources: Rows; // [B], of several lengths
  readonly given: Rows; // [B, T], the start token and the target; then padding
  readonly wanted: Rows; // [B, T], the target and the end token; then padding
};

export function batchOf({ source, target }: SequenceTask, examples: readonly Example[]): SequenceBatch {
  const targets = examples.map((example) => target.encode(example.target));
  const longest = Math.max(...targets.map(({ length }) => length));
  const padded = (row: readonly number[]): number[] => [
    ...row,
    ...new Array<number>(longest + 1 - row.length).fill(PAD),
  ];
  return {
    sources: examples.map((example) => source.encode(example.source)),
    given: targets.map((row) => padded([START, ...row])),
    wanted: targets.map((row) => padded([...row, END])),
  };
}
