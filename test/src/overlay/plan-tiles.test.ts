import fc from "fast-check";
import { expect, test } from "vitest";
import { planTiles, tilesAspect, type TileLayout } from "../../../src/overlay/plan-tiles.ts";

const length = fc.integer({ min: 200, max: 3000 });
const layouts = fc.constantFrom<TileLayout>("grid", "strip");

test("tiles keep the photo's shape, stay in the box and apart", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), layouts, length, length, length, (count, layout, w, h, photo) => {
      const shape = { width: photo, height: 1000 };
      const { tiles, columns, rows } = planTiles(count, layout, { width: w * 4, height: h * 4 }, shape, 18, 8);
      expect(tiles.length).toBe(count);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      for (const { left, top, width, height } of tiles) {
        expect(left + width).toBeLessThanOrEqual(w * 4 + 1e-6);
        expect(top + height).toBeLessThanOrEqual(h * 4 + 1e-6);
        expect(width / (height - 18)).toBeCloseTo(photo / 1000, 6);
      }
      tiles.slice(1).forEach(({ left, top }, i) => {
        const before = tiles[i]!;
        expect(left >= before.left + before.width + 7.99 || top >= before.top + before.height + 7.99).toBe(true);
      });
    }),
  );
});

test("a grid is as large as any number of columns allows", () => {
  // 12 pictures of 1 : 1 in 400 × 300, no labels, no gaps: 4 × 3 of 100
  const { columns, rows, tiles } = planTiles(12, "grid", { width: 400, height: 300 }, { width: 1, height: 1 }, 0, 0);
  expect([columns, rows, tiles[0]!.width]).toEqual([4, 3, 100]);
  expect(tiles[5]).toEqual({ left: 100, top: 100, width: 100, height: 100 });
});

test("a canvas without a height gets the shape of its tiles", () => {
  expect(tilesAspect(12, "grid", { width: 2, height: 1 })).toBeCloseTo((4 * 2) / 3);
  expect(tilesAspect(12, "strip", { width: 2, height: 1 })).toBe(24);
  expect(tilesAspect(0, "grid", { width: 2, height: 1 })).toBe(2);
});
