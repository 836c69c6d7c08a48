import { describe, expect, test } from "vitest";
import { rangeOf, sharedScale, toUnit } from "../../../src/overlay/map-range.ts";
import reference from "./golden/reference.json" with { type: "json" };

const values = Float32Array.of(-2, NaN, 0.5, 3);

describe("rangeOf", () => {
  test("takes the extremes, from zero, or around zero, past what is not a number", () => {
    expect(rangeOf(values, { kind: "min-max" })).toEqual({ min: -2, max: 3 });
    expect(rangeOf(values, { kind: "zero-max" })).toEqual({ min: 0, max: 3 });
    expect(rangeOf(values, { kind: "symmetric" })).toEqual({ min: -3, max: 3 });
    expect(rangeOf(Float32Array.of(NaN), { kind: "min-max" })).toEqual({ min: 0, max: 0 });
  });

  test.each(reference.percentiles.at as [number, number][])("the %i. percentile is numpy's", (percent, wanted) => {
    const numbers = Float32Array.from(reference.percentiles.values);
    const { min, max } = rangeOf(numbers, { kind: "percentiles", low: percent, high: percent });
    expect(min).toBeCloseTo(wanted, 6);
    expect(max).toBe(min);
  });

  test("refuses percentiles in the wrong order", () => {
    const scale = { kind: "percentiles", low: 99, high: 1 } as const;
    expect(() => rangeOf(values, scale)).toThrowError(expect.objectContaining({ code: "invalid-argument" }));
  });
});

test("a shared scale holds every map", () => {
  const other = Float32Array.of(-5, 1);
  expect(sharedScale([values, other], { kind: "min-max" })).toEqual({ kind: "fixed", min: -5, max: 3 });
  expect(sharedScale([], { kind: "zero-max" })).toEqual({ kind: "zero-max" });
});

test("toUnit clamps, and has an answer for an empty range", () => {
  const range = { min: -1, max: 3 };
  expect([-9, -1, 1, 3, 9].map((value) => toUnit(value, range))).toEqual([0, 0, 0.5, 1, 1]);
  expect(toUnit(4, { min: 4, max: 4 })).toBe(0);
  expect(toUnit(NaN, { min: 4, max: 4 })).toBeNaN();
});
