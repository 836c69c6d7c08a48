import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cellAt,
  cellIndex,
  cellRectangle,
  clampCell,
  middleCell,
  moveCell,
  seenRectangle,
  seesWhole,
} from "../../../src/overlay/cell-geometry.ts";
import type { Size } from "../../../worker/contract/geometry.ts";
import type { ImageRecipe, RgbImage, SeenArea } from "../../../worker/contract/pixels.ts";
import { preprocess } from "../../../worker/image/preprocess.ts";
import { seenArea } from "../../../worker/image/recipe-geometry.ts";

const STEP = 2; // levels a pixel: a place is read back to a quarter of a pixel

/** Red tells the column, green the row, blue that it is the photo and no padding. */
function ruler({ width, height }: Size): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    data.set([(i % width) * STEP, Math.floor(i / width) * STEP, 255], i * 3);
  }
  return { width, height, data };
}

const recipe = (changes: Partial<ImageRecipe>): ImageRecipe => ({
  resize: null,
  filter: "bilinear",
  crop: null,
  rescale: null,
  normalise: null,
  ...changes,
});

const side = 64; // of what the model sees
const square = { width: side, height: side };
const RECIPES: readonly (readonly [string, ImageRecipe])[] = [
  ["stretched", recipe({ resize: { kind: "exact", ...square } })],
  ["centre-cropped", recipe({ resize: { kind: "shortest-edge", length: 73, maxLength: null }, crop: square })],
  ["letter-boxed", recipe({ resize: { kind: "shortest-edge", length: 40, maxLength: 60 }, crop: square })],
  ["padded without a resize", recipe({ crop: { width: 140, height: 150 } })],
];
const PHOTOS: readonly Size[] = [
  { width: 120, height: 80 },
  { width: 75, height: 119 },
  { width: 91, height: 91 },
];
const cases = RECIPES.flatMap(([name, steps]) => PHOTOS.map((photo) => [name, photo, steps] as const));

/** Where a pixel the model saw comes from in the photo, read from its colour; `null` in or near padding. */
function readPlaces(photo: Size, steps: ImageRecipe) {
  const { pixels, size, seen } = preprocess(ruler(photo), steps);
  const at = (x: number, y: number) => {
    const [red, green, blue] = pixels.subarray((y * size.width + x) * 3, (y * size.width + x) * 3 + 3);
    return blue === 255 ? { x: red! / STEP + 0.5, y: green! / STEP + 0.5 } : null;
  };
  return { size, seen, at };
}

describe("the map lies over the photo as the pixels were taken", () => {
  test.each(cases)("%s, %o", (_, photo, steps) => {
    const { size, seen, at } = readPlaces(photo, steps);
    const heat = { grid: size, seen }; // one cell for each pixel the model saw
    const ends = (length: number) => [0, 1, Math.floor(length / 4), Math.floor(length / 2), length - 2, length - 1];
    const columns = ends(size.width);
    let met = 0;
    for (const row of ends(size.height)) {
      for (const column of columns) {
        const place = at(column, row);
        const { left, top, width, height } = cellRectangle(heat, { column, row });
        const centre = { x: left + width / 2, y: top + height / 2 };
        if (place) {
          met += 1;
          expect(Math.abs(centre.x - place.x)).toBeLessThan(0.5);
          expect(Math.abs(centre.y - place.y)).toBeLessThan(0.5);
          expect(cellAt(heat, centre)).toEqual({ column, row });
        } else {
          const outside = centre.x < 0 || centre.y < 0 || centre.x > photo.width || centre.y > photo.height;
          expect(outside).toBe(true);
        }
      }
    }
    expect(met).toBeGreaterThanOrEqual(4);
  });

  test("a stretched photo is covered to its corners", () => {
    const seen = seenArea({ width: 640, height: 427 }, RECIPES[0]![1]);
    expect(seenRectangle(seen)).toEqual({ left: 0, top: 0, width: 640, height: 427 });
  });

  test.each(cases)("the whole of it is seen or not: %s, %o", (name, photo, steps) => {
    expect(seesWhole(seenArea(photo, steps))).toBe(name !== "centre-cropped");
  });

  test("a landscape photo's square crop leaves equal margins, and full height", () => {
    const steps = recipe({
      resize: { kind: "shortest-edge", length: 224, maxLength: null },
      crop: { width: 224, height: 224 },
    });
    const { left, top, width, height } = seenRectangle(seenArea({ width: 640, height: 480 }, steps));
    // 298 × 224 after the resize: 224 of 298 columns are 481.07 of 640 pixels, 37 of them 79.46
    expect([left, top, width, height].map((value) => Math.round(value * 100) / 100)).toEqual([79.46, 0, 481.07, 480]);
  });
});

describe("cells", () => {
  const seen: SeenArea = {
    source: { width: 300, height: 200 },
    resized: { width: 150, height: 100 },
    crop: { left: 25, top: -20, width: 100, height: 140 },
  };
  const heat = { grid: { width: 5, height: 7 }, seen };

  test("tile the seen area, each found again at any place within", () => {
    const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.nat(4), fc.nat(6), inside, inside, (column, row, across, down) => {
        const { left, top, width, height } = cellRectangle(heat, { column, row });
        expect(cellAt(heat, { x: left + across * width, y: top + down * height })).toEqual({ column, row });
      }),
    );
  });

  test("outside the seen area there is none", () => {
    expect(cellAt(heat, { x: 49.9, y: 100 })).toBeNull(); // the area is 50…250 × -40…240
    expect(cellAt(heat, { x: 250.1, y: 100 })).toBeNull();
    expect(cellAt(heat, { x: 100, y: -40.1 })).toBeNull();
    expect(cellAt(heat, { x: 50.1, y: 0 })).toEqual({ column: 0, row: 1 });
  });

  test("are counted row by row", () => {
    expect(cellIndex(heat.grid, { column: 4, row: 2 })).toBe(14);
    expect(middleCell(heat.grid)).toEqual({ column: 2, row: 3 });
    expect(clampCell(heat.grid, { column: 9, row: -1 })).toEqual({ column: 4, row: 0 });
  });

  test.each([
    ["ArrowLeft", 0, 3],
    ["ArrowRight", 2, 3],
    ["ArrowUp", 1, 2],
    ["ArrowDown", 1, 4],
    ["Home", 0, 3],
    ["End", 4, 3],
  ])("%s leads to %i, %i", (key, column, row) =>
    expect(moveCell(heat.grid, { column: 1, row: 3 }, key)).toEqual({ column, row }),
  );

  test("keys never lead off the map, and others nowhere", () => {
    const key = fc.constantFrom("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End");
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
        const cell = keys.reduce((at, next) => moveCell(heat.grid, at, next)!, { column: 0, row: 0 });
        expect(clampCell(heat.grid, cell)).toEqual(cell);
      }),
    );
    expect(moveCell(heat.grid, { column: 1, row: 1 }, "a")).toBeNull();
  });
});
