import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, xoshiro128 } from "../../../worker/contract/random.ts";

const take = (next: () => number, count: number): number[] => Array.from({ length: count }, next);

test("xoshiro128** gives the numbers of its authors' xoshiro128starstar.c 1.1", () => {
  expect(take(xoshiro128([1, 2, 3, 4]), 10)).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

describe("a seed", () => {
  test("gives its own stream, the same each time, in [0, 1)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 2 }), (seed) => {
        const drawn = take(createRandom(seed), 20);
        expect(take(createRandom(seed), 20)).toEqual(drawn);
        expect(take(createRandom(seed + 1), 20)).not.toEqual(drawn);
        for (const x of drawn) expect(x >= 0 && x < 1).toBe(true);
      }),
    );
  });

  test.each([0, 1, 2, 12345])("%i is uniform: chi-square over 20 cells, 20,000 draws", (seed) => {
    const cells = Array.from({ length: 20 }, () => 0);
    for (const x of take(createRandom(seed), 20_000)) cells[Math.floor(x * 20)]! += 1;
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(43.82); // 19 degrees of freedom, p = 0.001
  });

  test("is unrelated to its neighbour: their first draws correlate as little as chance lets them", () => {
    const first = Array.from({ length: 4000 }, (_, seed) => createRandom(seed)() - 0.5);
    const products = first.slice(1).map((x, at) => x * first[at]!);
    const correlation = (12 * products.reduce((sum, x) => sum + x, 0)) / products.length;
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(4000));
  });
});
