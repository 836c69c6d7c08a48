import fc from "fast-check";
import { expect, test } from "vitest";
import { interpolatePositions } from "../../../../worker/models/vit/interpolate-positions.ts";
import { goldenTensors, maxDifference } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";

const FOUR = { width: 4, height: 4 };

test("4 × 4 → 6 × 5 is what PyTorch's bicubic gives", async () => {
  const base = (await goldenTensors("schemes/weights.safetensors")).get("embeddings.position_embeddings")!;
  const wanted = (await goldenTensors("schemes/expected-interpolated.safetensors")).get("positions")!;
  const got = interpolatePositions(base.values, 1, FOUR, { width: 5, height: 6 });
  expect(wanted.shape).toEqual([1, 1 + 6 * 5, 32]);
  expect(maxDifference(got, wanted.values)).toBeLessThan(1e-6);
});

test("the same grid gives the same numbers, in an array of its own", () => {
  const positions = Float32Array.from({ length: 17 * 3 }, (_, at) => Math.sin(at));
  const same = interpolatePositions(positions, 1, FOUR, FOUR);
  expect(same).toEqual(positions);
  expect(same).not.toBe(positions);
});

const side = fc.integer({ min: 1, max: 7 });

test("a constant field stays constant, and prefix tokens stay as they are", () => {
  fc.assert(
    fc.property(side, side, side, side, fc.nat(2), (width, height, toWidth, toHeight, prefix) => {
      const positions = new Float32Array((prefix + width * height) * 2).fill(0.625);
      positions.fill(-3, 0, prefix * 2);
      const got = interpolatePositions(positions, prefix, { width, height }, { width: toWidth, height: toHeight });
      expect(got).toHaveLength((prefix + toWidth * toHeight) * 2);
      expect([...got.subarray(0, prefix * 2)].every((value) => value === -3)).toBe(true);
      expect([...got.subarray(prefix * 2)].every((value) => Math.abs(value - 0.625) < 1e-6)).toBe(true);
    }),
  );
});

test("rows and columns are not confused: the transposed grid gives the transposed answer", () => {
  fc.assert(
    fc.property(side, side, side, side, (width, height, toWidth, toHeight) => {
      const grid = Float32Array.from({ length: width * height }, (_, at) => Math.cos(at * at));
      const flip = (values: Float32Array, columns: number): Float32Array => {
        const rows = values.length / columns;
        return values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
      };
      const straight = interpolatePositions(grid, 0, { width, height }, { width: toWidth, height: toHeight });
      const turned = interpolatePositions(
        flip(grid, width),
        0,
        { width: height, height: width },
        { width: toHeight, height: toWidth },
      );
      expect(maxDifference(flip(straight, toWidth), turned)).toBeLessThan(1e-6);
    }),
  );
});

test("positions that do not fit the grid are refused", async () => {
  await expectRefusal(
    () => interpolatePositions(new Float32Array(50), 1, FOUR, FOUR),
    "input-shape",
    "1 + 4 × 4",
    "50",
  );
});
