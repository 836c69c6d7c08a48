import { isRight, type Outcome } from "./outcome.ts";

/**
 * Expected calibration error: how far confidence is from accuracy on average. Pictures go into `bins` equal intervals
 * (0, 1/bins], … of confidence; each bin's gap between mean confidence and accuracy counts by its share of pictures.
 * Guo et al., "On Calibration of Modern Neural Networks", 2017, equation 3, with their 15 bins.
 */
export function calibrationError(outcomes: readonly Outcome[], bins = 15): number {
  const gaps = new Float64Array(bins); // sum of confidence − right
  for (const outcome of outcomes) {
    const bin = Math.min(bins, Math.max(1, Math.ceil(outcome.confidence * bins)));
    gaps[bin - 1]! += outcome.confidence - Number(isRight(outcome));
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / outcomes.length;
}
