import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapInterval, mean } from "../../../datasets/metrics/bootstrap.ts";
import { createRandom } from "../../../worker/contract/random.ts";

/** Smallest count whose cumulative binomial probability reaches `level`, from the exact probabilities. */
function binomialQuantile(n: number, p: number, level: number): number {
  let [logTerm, sum] = [n * Math.log(1 - p), 0]; // 0.1^500 is below the smallest float
  for (let count = 0; count <= n; count++) {
    sum += Math.exp(logTerm);
    if (sum >= level) return count;
    logTerm += Math.log((n - count) / (count + 1)) + Math.log(p / (1 - p));
  }
  return n;
}

const hits = (right: number, n: number): number[] => Array.from({ length: n }, (_, at) => Number(at < right));

describe("the 95 % interval", () => {
  test.each([
    [30, 100],
    [127, 500],
    [450, 500],
  ])("of %i right among %i is the binomial's, which the resamples follow", (right, n) => {
    const [low, high] = bootstrapInterval(hits(right, n), { resamples: 20_000 });
    const spread = Math.sqrt((right / n) * (1 - right / n) * n); // counts
    expect(Math.abs(low * n - binomialQuantile(n, right / n, 0.025))).toBeLessThan(1 + 0.05 * spread);
    expect(Math.abs(high * n - binomialQuantile(n, right / n, 0.975))).toBeLessThan(1 + 0.05 * spread);
  });

  test("covers the truth about 95 times in 100", () => {
    const random = createRandom(7);
    const trials = 400;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const sample = Array.from({ length: 200 }, () => Number(random() < 0.4));
      const [low, high] = bootstrapInterval(sample, { resamples: 400, seed: trial });
      covered += Number(low <= 0.4 && 0.4 <= high);
    }
    expect(covered / trials).toBeGreaterThan(0.91); // 4 standard errors of 1.1 points
    expect(covered / trials).toBeLessThan(0.99);
  });

  test("has no width where all values are one", () => {
    expect(bootstrapInterval([1, 1, 1])).toEqual([1, 1]);
    expect(bootstrapInterval([0])).toEqual([0, 0]);
  });

  test("is the same for the same seed, and holds the mean of any sample that is not tiny", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 60 }),
        fc.nat(),
        (values, seed) => {
          const [low, high] = bootstrapInterval(values, { resamples: 300, seed });
          expect(bootstrapInterval(values, { resamples: 300, seed })).toEqual([low, high]);
          expect(low).toBeLessThanOrEqual(mean(values));
          expect(high).toBeGreaterThanOrEqual(mean(values));
        },
      ),
      { numRuns: 30 },
    );
  });
});

test("its ends are the kth lowest and highest means: with k = 1 the extremes, and less coverage lies within", () => {
  const values = Array.from({ length: 50 }, (_, at) => at);
  const all = bootstrapInterval(values, { resamples: 19, coverage: 0.9 }); // k = 20 · 0.1 / 2 = 1
  expect(bootstrapInterval(values, { resamples: 19, coverage: 0.999 })).toEqual(all);
  const half = bootstrapInterval(values, { resamples: 19, coverage: 0.5 }); // k = 5
  expect(half[0]).toBeGreaterThan(all[0]);
  expect(half[1]).toBeLessThan(all[1]);
});
