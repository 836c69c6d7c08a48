import type { Prediction, Scoring } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";

/** Softmax in float64, shifted by the maximum so that nothing overflows. */
export function probabilities(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const highest = values.reduce((high, x) => Math.max(high, x), -Infinity);
  const exponents = values.map((x) => Math.exp(x - highest));
  const total = exponents.reduce((sum, x) => sum + x, 0);
  return exponents.map((x) => x / total);
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * logits `[classes]` → the `topK` most probable classes, best first; of equals, the lower index first.
 * Throws `internal` where the model answered with anything but finite numbers.
 */
export function topPredictions(
  logits: ArrayLike<number>,
  labels: readonly string[],
  topK: number,
  scoring: Scoring = "softmax",
): Prediction[] {
  const scores = scoring === "softmax" ? probabilities(logits) : Array.from(logits, sigmoid);
  if (!Array.from(logits).every(Number.isFinite)) {
    throw new VisionError("internal", "The model answered with not-a-number; its weights may be damaged.");
  }
  return scores
    .map((score, index) => ({ index, label: labels[index] ?? `class ${index}`, score }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, topK);
}

/** Throws `invalid-argument` for a number of predictions that nobody can give. */
export function expectTopK(topK: number): void {
  if (Number.isInteger(topK) && topK >= 1) return;
  throw new VisionError("invalid-argument", `topK: expected a whole number from 1, got ${topK}`);
}
