import { expect, test } from "vitest";
import { largestDifference, median, quantile, ratioInTurns } from "../../../bench/measure/statistics.ts";

test("quantiles are NumPy's", () => {
  const values = [7, 1, 4, 10]; // numpy.quantile(values, [0, 0.25, 0.5, 0.75, 1])
  expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantile(values, share))).toEqual([1, 3.25, 5.5, 7.75, 10]);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});

test("a ratio is taken within each round, so that a busy moment that both met does not count", () => {
  expect(ratioInTurns([20, 400, 30], [10, 200, 10])).toBe(2);
});

test("of two sorts of rounds, only those that both have taken are compared", () => {
  expect(ratioInTurns([10, 20, 90], [5])).toBe(2);
});

test("a logit that is no number is as far off as can be, and one too few is no answer", () => {
  expect(largestDifference([1, 2, -3], [1, 2.5, -2])).toBe(1);
  expect(largestDifference([NaN, 0], [0, 0])).toBe(Infinity);
  expect(() => largestDifference([1], [1, 2])).toThrow("expected 2, got 1");
});
