import type { GenerationOptions } from "./options.ts";
import type { Path } from "./path.ts";

/** A sentence that will not change any more. */
export type Hypothesis = {
  readonly path: Path; // without the end token
  readonly score: number;
  readonly logProbability: number;
  readonly ended: boolean;
};

type Scoring = Pick<GenerationOptions, "lengthPenalty" | "earlyStopping" | "maxWords">;

/** The sum of log-probabilities over the number of tokens to the length penalty; the end token counts. */
export const normalise = (sum: number, tokens: number, lengthPenalty: number): number => sum / tokens ** lengthPenalty;

/** Adds a sentence and keeps the `most` best, worst first; a worse one than all of them is not taken. */
export function keepBest(kept: readonly Hypothesis[], added: Hypothesis, most: number): Hypothesis[] {
  const worseEnd = kept.findIndex(({ score }) => score > added.score);
  const at = worseEnd === -1 ? kept.length : worseEnd;
  if (kept.length === most && added.score <= kept[0]!.score) return [...kept];
  return [...kept.slice(0, at), added, ...kept.slice(at)].slice(-most);
}

/**
 * Whether no sentence still open can displace one of the `kept`, as Hugging Face's `early_stopping` tells.
 * `bestSum`: the highest sum of log-probabilities among the open ones; `tokens`: their length.
 * `true` stops at once; `false` takes for granted that a longer sentence is no better; "never" does not.
 */
export function isSettled(
  kept: readonly Hypothesis[],
  most: number,
  bestSum: number,
  tokens: number,
  { lengthPenalty, earlyStopping, maxWords }: Scoring,
): boolean {
  if (kept.length < most) return false;
  if (earlyStopping === true) return true;
  const length = earlyStopping === "never" && lengthPenalty > 0 ? maxWords : tokens;
  return kept[0]!.score >= normalise(bestSum, length, lengthPenalty);
}
