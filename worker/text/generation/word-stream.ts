import type { Tokenizer } from "../tokenizer.ts";
import type { GeneratedToken } from "./path.ts";

/** One word of a sentence, with the signs that follow it without a space. */
export type SpokenWord = {
  readonly text: string;
  readonly probability: number; // that the model says all of its tokens, given the words before
  readonly attention: Float32Array; // [cells]: where the model looked, the mean over its tokens
  readonly tokens: readonly GeneratedToken[];
};

/** The words of a sentence. */
export function groupWords(tokens: readonly GeneratedToken[], tokenizer: Tokenizer): SpokenWord[] {
  const groups: GeneratedToken[][] = [];
  for (const token of tokens) {
    const current = groups.at(-1);
    if (current && !tokenizer.startsWord(token.token)) current.push(token);
    else groups.push([token]);
  }
  return groups.map((group) => readWord(group, tokenizer));
}

/** Tokens as they become final → words as they become final: a word is so when the next begins or the sentence is over. */
export type WordStream = {
  readonly push: (photo: number, tokens: readonly GeneratedToken[]) => void;
  /** Tells what is left, once every sentence is over. */
  readonly finish: () => void;
};

export function createWordStream(tokenizer: Tokenizer, onWord: (photo: number, word: SpokenWord) => void): WordStream {
  const waiting = new Map<number, GeneratedToken[]>(); // of each photo, the tokens of its last word
  const tell = (photo: number, tokens: readonly GeneratedToken[]): void => onWord(photo, readWord(tokens, tokenizer));
  return {
    push(photo, tokens) {
      for (const token of tokens) {
        const word = waiting.get(photo);
        if (word && !tokenizer.startsWord(token.token)) {
          word.push(token);
          continue;
        }
        if (word) tell(photo, word);
        waiting.set(photo, [token]);
      }
    },
    finish() {
      for (const [photo, word] of waiting) tell(photo, word);
      waiting.clear();
    },
  };
}

function readWord(tokens: readonly GeneratedToken[], tokenizer: Tokenizer): SpokenWord {
  const attention = new Float32Array(tokens[0]!.attention.length);
  for (const token of tokens) {
    for (const [cell, weight] of token.attention.entries()) attention[cell]! += weight / tokens.length;
  }
  return {
    text: tokenizer.decode(tokens.map(({ token }) => token)).trim(),
    probability: Math.exp(tokens.reduce((sum, { logProbability }) => sum + logProbability, 0)),
    attention,
    tokens,
  };
}
