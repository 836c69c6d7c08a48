import { dispose } from "@tensorflow/tfjs-core";
import type { Pause } from "../../contract/turns.ts";
import { writeGreedily } from "../../models/seq2seq/write-greedily.ts";
import type { Example, SequenceTask } from "./sequence-task.ts";
import type { TrainableSequences } from "./trainable-sequences.ts";

const ROWS = 250; // answered at once: few large products, and a pause in between

/** What a model wrote for an example. */
export type Answer = Example & { readonly written: string };

/** What a model writes, each example on its own; `pause` is awaited after every word. */
export async function answerAll(
  model: TrainableSequences,
  task: SequenceTask,
  examples: readonly Example[],
  pause: Pause,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let first = 0; first < examples.length; first += ROWS) {
    const asked = examples.slice(first, first + ROWS);
    const sources = asked.map(({ source }) => task.source.encode(source));
    const { words, weights } = await model.withModel((current) =>
      writeGreedily(current, sources, task.longestTarget + 1, pause),
    );
    if (weights) dispose(weights);
    answers.push(...asked.map((example, row) => ({ ...example, written: task.target.decode(words[row]!) })));
  }
  return answers;
}

/** Share of answers that are right in every character, 0 to 1. */
export const exactMatch = (answers: readonly Answer[]): number =>
  answers.filter(({ target, written }) => target === written).length / answers.length;

/** The same for each length of the source, in characters, shortest first. */
export function exactMatchByLength(answers: readonly Answer[]): { length: number; count: number; share: number }[] {
  const lengthOf = ({ source }: Answer): number => [...source].length;
  const lengths = [...new Set(answers.map(lengthOf))].sort((a, b) => a - b);
  return lengths.map((length) => {
    const group = answers.filter((answer) => lengthOf(answer) === length);
    return { length, count: group.length, share: exactMatch(group) };
  });
}
