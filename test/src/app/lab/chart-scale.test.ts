import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linearScale, logScale, sample } from "../../../../src/app/lab/frame/chart-scale.ts";
import { formatNumber } from "../../../../src/app/lab/frame/format-number.ts";

describe("a linear axis", () => {
  test.each([
    [
      [0.2, 0.93],
      [0, 0.5, 1],
    ],
    [
      [0, 0],
      [0, 0.5, 1],
    ],
    [
      [3, 17],
      [0, 5, 10, 15, 20],
    ],
    [
      [-1, 1],
      [-1, -0.5, 0, 0.5, 1],
    ],
  ])("of %j has round steps", (values, ticks) => {
    expect(linearScale(values).ticks).toEqual(ticks);
  });

  test("holds every value, from its low end to its high end", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, (given) => {
        const { place, ticks } = linearScale(given);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(place(ticks[0]!)).toBe(0);
        expect(place(ticks.at(-1)!)).toBeCloseTo(1, 9);
        for (const value of given) {
          expect(place(value)).toBeGreaterThanOrEqual(-1e-9);
          expect(place(value)).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { examples: [[[-1000.000008486]]] },
    );
  });

  test.each([[[]], [[0, 0]], [[NaN, Infinity]]])("of %j is an axis all the same", (values) => {
    const { place, ticks } = linearScale(values);
    expect(ticks.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(place(0))).toBe(true);
  });
});

describe("a logarithmic axis", () => {
  test("has powers of its base for ticks, evenly apart", () => {
    const { place, ticks } = logScale([0.004, 2]);
    expect(ticks.map((tick) => Math.round(Math.log10(tick)))).toEqual([-3, -2, -1, 0, 1]);
    expect(ticks.map(place)).toEqual([0, 0.25, 0.5, 0.75, 1].map((at): unknown => expect.closeTo(at, 9)));
    expect(logScale([1, 512], 2).ticks).toEqual([1, 4, 16, 64, 256]);
  });

  test("has room for a long way down, and for nothing", () => {
    expect(logScale([1e-30, 1]).ticks.length).toBeLessThanOrEqual(6);
    expect(logScale([0]).place(0)).toBe(0);
  });
});

test("a sample of many has the first and the last", () => {
  const all = Array.from({ length: 101 }, (_, at) => at);
  expect(sample(all, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(sample([1, 2], 5)).toEqual([1, 2]);
});

test.each([
  [0, "0"],
  [-3, "−3"],
  [0.126, "0.13"],
  [0.00047, "4.7·10⁻⁴"],
  [-20_000, "−2.0·10⁴"], // the lowest score of what can be typed
  [-4e4, "−∞"],
  [-Infinity, "−∞"],
  [Infinity, "∞"],
])("%d is written %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});
