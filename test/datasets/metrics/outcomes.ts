import fc from "fast-check";
import type { Outcome } from "../../../datasets/metrics/outcome.ts";

/** An outcome with what a test does not care about filled in. */
export const outcome = (truth: number, predicted: number, confidence = 0.5): Outcome => {
  return { truth, predicted, confidence, rank: truth === predicted ? 0 : Infinity };
};

export const CLASSES = 4;

const classIndex = fc.nat({ max: CLASSES - 1 });

export const someOutcomes = fc.array(
  fc
    .tuple(classIndex, classIndex, fc.double({ min: 1 / CLASSES, max: 1, noNaN: true }))
    .map(([truth, predicted, confidence]) => outcome(truth, predicted, confidence)),
  { minLength: 1, maxLength: 60 },
);
