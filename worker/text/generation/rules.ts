import type { GenerationOptions } from "./options.ts";
import { listTokens, type Path } from "./path.ts";

/** What is laid over the scores of the next token before one is chosen. */
export type Rules = Pick<GenerationOptions, "minWords" | "noRepeatNgram" | "repetitionPenalty" | "suppressed"> & {
  readonly startToken: number;
  readonly endTokens: readonly number[];
};

/**
 * Changes the scores `[vocabulary]` of what may follow `path`, in the order in which Hugging Face's `generate` does.
 * As there, the start token counts as said: it may not be part of a repeated n-gram, and pays for its repetition.
 */
export function applyRules(scores: Float64Array, path: Path, rules: Rules): void {
  const said = [rules.startToken, ...listTokens(path).map(({ token }) => token)];
  if (rules.repetitionPenalty !== 1) penaliseRepetition(scores, said, rules.repetitionPenalty);
  if (rules.noRepeatNgram > 0) forbidRepeatedNgrams(scores, said, rules.noRepeatNgram);
  if (said.length - 1 < rules.minWords) for (const token of rules.endTokens) scores[token] = -Infinity;
  for (const token of rules.suppressed) scores[token] = -Infinity;
}

/** Makes every token said before less likely: a score below 0 is multiplied, one above divided. */
export function penaliseRepetition(scores: Float64Array, said: readonly number[], penalty: number): void {
  for (const token of new Set(said)) {
    const score = scores[token]!;
    scores[token] = score < 0 ? score * penalty : score / penalty;
  }
}

/** Forbids each token that would end a run of `size` tokens said before. */
export function forbidRepeatedNgrams(scores: Float64Array, said: readonly number[], size: number): void {
  const last = said.length - size + 1; // where the run that is now to be ended begins
  for (let start = 0; start < last; start++) {
    let same = 0;
    while (same < size - 1 && said[start + same] === said[last + same]) same++;
    if (same === size - 1) scores[said[start + size - 1]!] = -Infinity;
  }
}
