import { describe, expect, test } from "vitest";
import { adjustBrightness, adjustContrast, adjustSaturation } from "../../../datasets/augment/adjust-colour.ts";
import { adjustHue } from "../../../datasets/augment/adjust-hue.ts";
import { augmentTrivially } from "../../../datasets/augment/trivial-augment.ts";
import { differingBytes, GOLDEN_PICTURES, goldenChanges, scripted } from "./golden.ts";

test("the reference pictures are all there", () => {
  expect(GOLDEN_PICTURES.size).toBe(5 + 5 * (24 + 123) + 12 + 8);
});

describe.each([
  ["brightness", adjustBrightness],
  ["contrast", adjustContrast],
  ["saturation", adjustSaturation],
  ["hue", adjustHue],
] as const)("%s is torchvision's", (kind, adjust) => {
  test.each(goldenChanges(kind))("%s", (_, { source, expected, rest }) => {
    expect(differingBytes(adjust(source, Number(rest)), expected)).toBe(0);
  });
});

describe("TrivialAugmentWide is torchvision's", () => {
  test.each(goldenChanges("trivial"))("%s", (_, { source, expected, rest }) => {
    const [change, bin, sign] = rest.split(".").map(Number) as [number, number, number];
    const before = source.data.slice();
    const random = scripted([(change + 0.5) / 14, (bin + 0.5) / 31, (sign + 0.5) / 2]);
    expect(differingBytes(augmentTrivially(source, random), expected)).toBe(0);
    expect(differingBytes(source, { ...source, data: before })).toBe(0);
  });
});
