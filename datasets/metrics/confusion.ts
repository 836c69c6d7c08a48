import type { Outcome } from "./outcome.ts";

/** `[classes, classes]`: how many pictures of the row's class were taken for the column's. */
export type Confusion = readonly (readonly number[])[];

export function confusionMatrix(outcomes: readonly Outcome[], classes: number): Confusion {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const { truth, predicted } of outcomes) matrix[truth]![predicted]! += 1;
  return matrix;
}

/** How many pictures a class has, and what share of them was recognised; `null` for a class without pictures. */
export type ClassAccuracy = { readonly classIndex: number; readonly n: number; readonly accuracy: number | null };

export const perClassAccuracy = (matrix: Confusion): ClassAccuracy[] =>
  matrix.map((row, classIndex) => {
    const n = row.reduce((sum, count) => sum + count, 0);
    return { classIndex, n, accuracy: n > 0 ? row[classIndex]! / n : null };
  });

export type ConfusedPair = { readonly truth: number; readonly predicted: number; readonly count: number };

/** Which class is most often taken for which other; of equals, the lower classes first. Never a pair of count 0. */
export function mostConfused(matrix: Confusion, pairs: number): ConfusedPair[] {
  const wrong = matrix.flatMap((row, truth) =>
    row.flatMap((count, predicted) => (truth !== predicted && count > 0 ? [{ truth, predicted, count }] : [])),
  );
  return wrong.sort((a, b) => b.count - a.count).slice(0, pairs);
}
