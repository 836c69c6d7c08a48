import { describe, expect, test } from "vitest";
import { drawBeta } from "../../../datasets/augment/draw-beta.ts";
import { createRandom } from "../../../worker/contract/random.ts";

const COUNT = 20_000;

const draws = (alpha: number, seed = 3): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: COUNT }, () => drawBeta(alpha, random));
};

/** The kth raw moment of Beta(α, α): the product of (α + r) / (2α + r) for r below k. */
const moment = (alpha: number, k: number): number =>
  Array.from({ length: k }, (_, r) => (alpha + r) / (2 * alpha + r)).reduce((product, factor) => product * factor, 1);

describe.each([0.1, 0.2, 0.4, 0.8, 1, 2.5, 20])("Beta(%d, α)", (alpha) => {
  test.each([1, 2, 3, 4])("has its moment %i, within 4 standard errors", (k) => {
    const found = draws(alpha).reduce((sum, x) => sum + x ** k, 0) / COUNT;
    const error = Math.sqrt((moment(alpha, 2 * k) - moment(alpha, k) ** 2) / COUNT);
    expect(Math.abs(found - moment(alpha, k))).toBeLessThan(4 * error);
  });
});

test.each([
  ["1 is uniform", 1, (x: number) => x],
  ["1/2 is the arcsine law", 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  ["2 has the cubic 3x² − 2x³", 2, (x: number) => 3 * x ** 2 - 2 * x ** 3],
])("α = %s: Kolmogorov and Smirnov", (_, alpha, distribution) => {
  const sorted = draws(alpha).sort((a, b) => a - b);
  const furthest = Math.max(
    ...sorted.map((x, i) => Math.max(distribution(x) - i / COUNT, (i + 1) / COUNT - distribution(x))),
  );
  expect(furthest * Math.sqrt(COUNT)).toBeLessThan(1.95); // p = 0.001
});

test("α so small that both gammas underflow still gives numbers: 0 or 1", () => {
  const drawn = draws(1e-4).slice(0, 500);
  expect(drawn.every((x) => x >= 0 && x <= 1)).toBe(true);
  const ones = drawn.filter((x) => x > 0.5).length;
  expect(Math.abs(ones - 250)).toBeLessThan(4 * Math.sqrt(125));
});
