import type { Row } from "./decoder.ts";
import { logSoftmax } from "./log-softmax.ts";
import type { GenerationOptions } from "./options.ts";
import type { Alternative, Path } from "./path.ts";
import { topCandidates } from "./top-candidates.ts";

/** One unfinished sentence and what the model says may follow it. */
export type Spoken = {
  readonly path: Path;
  readonly row: number; // of the model's step
  readonly logits: Float32Array; // [vocabulary]
  readonly logProbabilities: Float64Array; // [vocabulary]
  readonly attention: Float32Array; // [cells]
  readonly alternatives: readonly Alternative[];
};

export function readRow(
  path: Path,
  row: number,
  { logits, attention }: Row,
  { alternatives, suppressed }: Pick<GenerationOptions, "alternatives" | "suppressed">,
): Spoken {
  const logProbabilities = logSoftmax(logits);
  const likeliest = alternatives > 0 ? topCandidates([logProbabilities], alternatives + suppressed.length) : [];
  const sayable = likeliest.filter(({ token }) => !suppressed.includes(token)).slice(0, alternatives);
  return {
    path,
    row,
    logits,
    logProbabilities,
    attention,
    alternatives: sayable.map(({ token, score }) => ({ token, probability: Math.exp(score) })),
  };
}

/** The sentence with one more token. */
export const say = ({ path, logProbabilities, attention, alternatives }: Spoken, token: number): NonNullable<Path> => ({
  before: path,
  token,
  logProbability: logProbabilities[token]!,
  attention,
  alternatives,
});
