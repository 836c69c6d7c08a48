import fc from "fast-check";
import { expect, test } from "vitest";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import type { Orientation } from "../../../worker/image/headers/format-header.ts";
import { orient } from "../../../worker/image/orient.ts";

const ORIENTATIONS: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];
const INVERSE: Readonly<Record<Orientation, Orientation>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 };

/** Letters for pixels, one string a row. */
const fromRows = (...rows: string[]): RgbImage => {
  const levels = Array.from(rows.join(""), (letter) => letter.charCodeAt(0));
  const data = Uint8Array.from(levels.flatMap((level) => [level, level + 1, level + 2]));
  return { width: rows[0]!.length, height: rows.length, data };
};

// The letter F, stored in each of the eight ways, by the table of the EXIF standard (tag 274).
const UPRIGHT = ["###", "#..", "##.", "#.."];
const STORED: Readonly<Record<Orientation, readonly string[]>> = {
  1: ["###", "#..", "##.", "#.."],
  2: ["###", "..#", ".##", "..#"],
  3: ["..#", ".##", "..#", "###"],
  4: ["#..", "##.", "#..", "###"],
  5: ["####", "#.#.", "#..."],
  6: ["#...", "#.#.", "####"],
  7: ["...#", ".#.#", "####"],
  8: ["####", ".#.#", "...#"],
};

test.each(ORIENTATIONS)("orientation %i comes out upright", (orientation) => {
  expect(orient(fromRows(...STORED[orientation]), orientation)).toEqual(fromRows(...UPRIGHT));
});

test("the inverse orientation restores every picture", () => {
  const side = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(side, side, fc.constantFrom(...ORIENTATIONS), (width, height, orientation) => {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => i);
      const restored = orient(orient({ width, height, data }, orientation), INVERSE[orientation]);
      expect(restored).toEqual({ width, height, data });
    }),
  );
});
