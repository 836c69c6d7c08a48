import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean } from "../../../datasets/metrics/bootstrap.ts";
import { calibrationError } from "../../../datasets/metrics/calibration.ts";
import { confusionMatrix, mostConfused, perClassAccuracy } from "../../../datasets/metrics/confusion.ts";
import { topKHits } from "../../../datasets/metrics/outcome.ts";
import { worstMistakes } from "../../../datasets/metrics/worst-mistakes.ts";
import { CLASSES, outcome, someOutcomes } from "./outcomes.ts";

test("top-k accuracy counts the ranks below k", () => {
  const outcomes = [0, 4, 5, Infinity].map((rank) => ({ ...outcome(0, 0), rank }));
  expect(mean(topKHits(outcomes, 1))).toBe(1 / 4);
  expect(mean(topKHits(outcomes, 5))).toBe(2 / 4);
  expect(mean(topKHits(outcomes, 6))).toBe(3 / 4);
});

describe("expected calibration error", () => {
  test("by hand: one bin with 0.9 said and 3 of 4 right, one with 0.5 said and all wrong", () => {
    const sure = [0, 0, 0, 1].map((predicted) => outcome(0, predicted, 0.9));
    const unsure = [outcome(0, 1, 0.5), outcome(0, 1, 0.5)];
    expect(calibrationError([...sure, ...unsure])).toBeCloseTo((4 / 6) * 0.15 + (2 / 6) * 0.5, 12);
  });

  test("is 0 for a model as often right as it says, and 1 for one that is sure and wrong", () => {
    const honest = Array.from({ length: 10 }, (_, at) => outcome(0, at < 7 ? 0 : 1, 0.7));
    expect(calibrationError(honest)).toBeCloseTo(0, 12);
    expect(calibrationError([outcome(0, 1, 1)])).toBe(1);
  });

  test("the upper end of a bin belongs to it", () => {
    // (0, 0.5] and (0.5, 1]: right at 0.5 and wrong at 0.25 share a bin, where their gaps of −0.5 and 0.25 add up.
    expect(calibrationError([outcome(0, 0, 0.5), outcome(0, 1, 0.25)], 2)).toBeCloseTo(0.125, 12);
    expect(calibrationError([outcome(0, 0, 0.51), outcome(0, 1, 0.25)], 2)).toBeCloseTo((0.49 + 0.25) / 2, 12);
  });

  test("equals the formula, bin by bin", () => {
    fc.assert(
      fc.property(someOutcomes, fc.integer({ min: 1, max: 20 }), (outcomes, bins) => {
        let expected = 0;
        for (let bin = 1; bin <= bins; bin++) {
          const inside = outcomes.filter(({ confidence: c }) => c * bins > bin - 1 && c * bins <= bin);
          if (inside.length === 0) continue;
          const accuracy = mean(inside.map(({ truth, predicted }) => (truth === predicted ? 1 : 0)));
          const confidence = mean(inside.map((one) => one.confidence));
          expected += (inside.length / outcomes.length) * Math.abs(accuracy - confidence);
        }
        expect(calibrationError(outcomes, bins)).toBeCloseTo(expected, 10);
      }),
    );
  });
});

describe("confusion", () => {
  test("the matrix counts each pair, and its rows give each class's accuracy", () => {
    fc.assert(
      fc.property(someOutcomes, (outcomes) => {
        const matrix = confusionMatrix(outcomes, CLASSES);
        for (let truth = 0; truth < CLASSES; truth++) {
          const own = outcomes.filter((one) => one.truth === truth);
          const right = own.filter(({ predicted }) => predicted === truth).length;
          const accuracy = own.length > 0 ? right / own.length : null;
          expect(perClassAccuracy(matrix)[truth]).toEqual({ classIndex: truth, n: own.length, accuracy });
          for (let predicted = 0; predicted < CLASSES; predicted++) {
            expect(matrix[truth]![predicted]).toBe(own.filter((one) => one.predicted === predicted).length);
          }
        }
      }),
    );
  });

  test("the most confused pairs come first, right answers and zeros never", () => {
    const answers = [
      [0, 0],
      [0, 0],
      [0, 0],
      [2, 1],
      [1, 2],
      [1, 2],
      [0, 2],
    ] as const;
    const matrix = confusionMatrix(
      answers.map(([truth, predicted]) => outcome(truth, predicted)),
      CLASSES,
    );
    const pairs = [
      { truth: 1, predicted: 2, count: 2 },
      { truth: 0, predicted: 2, count: 1 },
      { truth: 2, predicted: 1, count: 1 },
    ];
    expect(mostConfused(matrix, 10)).toEqual(pairs);
    expect(mostConfused(matrix, 2)).toEqual(pairs.slice(0, 2));
  });
});

test("the worst mistakes are wrong, and no other wrong answer was surer", () => {
  fc.assert(
    fc.property(someOutcomes, fc.nat({ max: 10 }), (outcomes, most) => {
      const wrong = outcomes.filter(({ truth, predicted }) => truth !== predicted);
      const worst = worstMistakes(outcomes, most);
      expect(worst).toHaveLength(Math.min(most, wrong.length));
      const left = wrong.filter((one) => !worst.includes(one));
      const bound = Math.max(0, ...left.map(({ confidence }) => confidence));
      let before = 1;
      for (const { truth, predicted, confidence } of worst) {
        expect(truth).not.toBe(predicted);
        expect(confidence).toBeLessThanOrEqual(before);
        expect(confidence).toBeGreaterThanOrEqual(bound);
        before = confidence;
      }
    }),
  );
});
