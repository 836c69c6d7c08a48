import { describe, expect, test } from "vitest";
import { COLOUR_MAPS, colourGradient, colourIndex, colourTable } from "../../../src/overlay/colour-map.ts";
import reference from "./golden/reference.json" with { type: "json" };

const names = ["viridis", "magma", "inferno", "coolwarm"] as const;

/** CIE lightness of an sRGB colour, 0…100 (IEC 61966-2-1, CIE 15). */
function lightness(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((value) => {
    const unit = value / 255;
    return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  return luminance > 0.008856 ? 116 * Math.cbrt(luminance) - 16 : 903.3 * luminance;
}

describe("colours are matplotlib's, to the nearest of 256 levels", () => {
  test.each(names)("%s", (name) => {
    const table = colourTable(name);
    const { every15th, sums } = reference.colours[name];
    every15th.forEach((colour, i) =>
      colour.forEach((value, channel) =>
        expect(Math.abs(table[i * 45 + channel]! - value * 255)).toBeLessThanOrEqual(0.5 + 1e-3),
      ),
    );
    const sum = [0, 1, 2].map((channel) => table.filter((_, i) => i % 3 === channel).reduce((a, b) => a + b, 0));
    expect(sum).toEqual(sums);
  });
});

test.each(reference.colourIndex as [number, number][])("%f chooses the colour matplotlib chooses", (unit, index) =>
  expect(colourIndex(unit)).toBe(index),
);

test.each(COLOUR_MAPS.filter((name) => name !== "coolwarm"))("%s never grows darker", (name) => {
  const table = colourTable(name);
  const rising = Array.from({ length: 256 }, (_, i) => lightness([...table.subarray(i * 3, i * 3 + 3)]));
  // a level of green is 0.4 of lightness: rounding to 8 bits may cost that much
  rising.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(rising[i]! - 0.4));
  expect(rising[255]! - rising[0]!).toBeGreaterThan(75);
});

test("a gradient starts and ends with the table's ends", () => {
  const gradient = colourGradient("viridis");
  expect(gradient.startsWith("linear-gradient(to right, rgb(68 1 84), ")).toBe(true);
  expect(gradient.endsWith("rgb(253 231 37))")).toBe(true);
});
