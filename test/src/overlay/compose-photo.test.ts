import { describe, expect, test } from "vitest";
import { composePhoto } from "../../../src/overlay/compose-photo.ts";
import { DEFAULT_OPTIONS, withOptions } from "../../../src/overlay/overlay-options.ts";
import type { RgbImage, SeenArea } from "../../../worker/contract/pixels.ts";
import { makeHeat } from "./make-heat.ts";

const white: RgbImage = { width: 4, height: 2, data: new Uint8Array(24).fill(255) };

/** The middle half of the photo. */
const middle: SeenArea = {
  source: { width: 8, height: 4 },
  resized: { width: 4, height: 2 },
  crop: { left: 1, top: 0, width: 2, height: 2 },
};

const heat = makeHeat(
  [
    [0, 1],
    [1, 3],
  ],
  middle,
);

const reds = ({ data }: RgbImage): number[] => [...data.filter((_, i) => i % 3 === 0)];

describe("composePhoto", () => {
  test("blends colours where the model saw, and nothing elsewhere", () => {
    const options = {
      ...DEFAULT_OPTIONS,
      style: "colours",
      colours: "grey",
      upsampling: "nearest",
      opacity: 0.6,
    } as const;
    const third = Math.round(255 * 0.4 + Math.floor(256 / 3) * 0.6); // grey of 1 in 0…3
    expect(reds(composePhoto(white, heat, options))).toEqual([255, 102, third, 255, 255, third, 255, 255]);
  });

  test("darkens all but the cells of most mass", () => {
    const options = { ...DEFAULT_OPTIONS, style: "mask", mass: 0.6, opacity: 0.8 } as const;
    expect(reds(composePhoto(white, heat, options))).toEqual([51, 51, 51, 51, 51, 51, 255, 51]);
  });
});

describe("withOptions refuses", () => {
  test.each([
    [{ opacity: 1.1 }, "opacity: wanted a number from 0 to 1, got 1.1"],
    [{ mass: NaN }, "mass: wanted a number from 0 to 1, got NaN"],
    [{ levels: [0.5, -1] }, "levels: wanted a number from 0 to 1, got -1"],
    [{ colours: "jet" as "grey" }, 'colours: wanted one of viridis, magma, inferno, grey, coolwarm; got "jet"'],
  ])("%o", (changes, message) =>
    expect(() => withOptions(DEFAULT_OPTIONS, changes)).toThrowError(
      expect.objectContaining({ code: "invalid-argument", message }),
    ),
  );
});
