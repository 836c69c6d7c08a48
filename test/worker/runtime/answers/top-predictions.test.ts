import fc from "fast-check";
import { expect, test } from "vitest";
import { probabilities, topPredictions } from "../../../../worker/runtime/answers/top-predictions.ts";

const logits = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 50 });

test("probabilities sum to 1 and keep the order of the logits", () => {
  fc.assert(
    fc.property(logits, (values) => {
      const scores = probabilities(values);
      expect(scores.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
      const best = values.indexOf(Math.max(...values));
      expect(scores[best]).toBe(Math.max(...scores));
    }),
  );
});

test("the best come first, of equals the lower index; a class without a label has its number", () => {
  const predictions = topPredictions([1, 3, 1, 3], ["a", "b"], 3);
  expect(predictions.map(({ index, label }) => [index, label])).toEqual([
    [1, "b"],
    [3, "class 3"],
    [0, "a"],
  ]);
});

test("fewer classes than asked for give what there is", () => {
  expect(topPredictions([0], ["only"], 5)).toEqual([{ index: 0, label: "only", score: 1 }]);
});

test("classes that do not exclude each other have a score each", () => {
  const scores = topPredictions([0, Math.log(3), -1000], ["a", "b", "c"], 3, "sigmoid").map(({ score }) => score);
  expect(scores.map((score) => Math.round(score * 1e12) / 1e12)).toEqual([0.75, 0.5, 0]);
});

test.each([NaN, Infinity])("%s in the logits is an error, not a score", (value) => {
  expect(() => topPredictions([0, value], [], 1)).toThrow("not-a-number");
  expect(() => topPredictions([0, value], [], 1, "sigmoid")).toThrow("not-a-number");
});
