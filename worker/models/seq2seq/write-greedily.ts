import { argMax, concat, dispose, tidy, type Tensor3D } from "@tensorflow/tfjs-core";
import type { Pause } from "../../contract/turns.ts";
import type { Rows, SequenceModel } from "./sequence-model.ts";

/** What a model wrote, and where it looked for each word. */
export type Written = {
  readonly words: number[][]; // of each row, without start and end token
  readonly weights: Tensor3D | null; // [B, T, L], T those of the longest row with its end; the caller's own
};

/**
 * The likeliest word, one after another, until every row has ended or `longest` words are written. `pause` is awaited
 * after every word; throw from it to stop.
 */
export async function writeGreedily<State>(
  model: SequenceModel<State>,
  sources: Rows,
  longest: number,
  pause: Pause = () => Promise.resolve(),
): Promise<Written> {
  const { startToken, endToken } = model.languages;
  const words = sources.map((): number[] => []);
  const looks: Tensor3D[] = [];
  let state = model.read(sources);
  try {
    let last = sources.map(() => startToken);
    const over = sources.map(() => false);
    for (let written = 0; written < longest && over.includes(false); written++) {
      const told = model.write(
        state,
        last.map((word) => [word]),
      );
      model.release(state);
      state = told.state;
      if (told.weights) looks.push(told.weights);
      const likeliest = tidy(() => argMax(told.logits, 2)); // [B, 1]
      dispose(told.logits);
      last = [...(await likeliest.data<"int32">())];
      dispose(likeliest);
      for (const [row, word] of last.entries()) {
        over[row] ||= word === endToken;
        if (!over[row]) words[row]!.push(word);
      }
      await pause();
    }
    return { words, weights: looks.length > 0 ? tidy(() => concat(looks, 1)) : null };
  } finally {
    model.release(state);
    dispose(looks);
  }
}
