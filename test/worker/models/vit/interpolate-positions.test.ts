import "@tensorflow/tfjs-backend-cpu";
import { memory, setBackend, tensor3d } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { Size } from "../../../../worker/contract/geometry.ts";
import { interpolatePositions } from "../../../../worker/models/vit/interpolate-positions.ts";
import { goldenTensors, maxDifference } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";

const FOUR = { width: 4, height: 4 };

beforeAll(() => setBackend("cpu"));

/** Positions `[rows, D]` on the host → the same for another grid; no tensor stays. */
function interpolated(positions: Float32Array, prefix: number, from: Size, to: Size): Float32Array {
  const rows = prefix + from.width * from.height;
  const before = memory().numTensors;
  const given = tensor3d(positions, [1, rows, positions.length / rows]);
  const answer = interpolatePositions(given, prefix, from, to);
  const values = answer.dataSync<"float32">();
  answer.dispose();
  given.dispose();
  expect(memory().numTensors).toBe(before);
  return values;
}

test("4 × 4 → 6 × 5 is what PyTorch's bicubic gives", async () => {
  const base = (await goldenTensors("schemes/weights.safetensors")).get("embeddings.position_embeddings")!;
  const wanted = (await goldenTensors("schemes/expected-interpolated.safetensors")).get("positions")!;
  const got = interpolated(base.values, 1, FOUR, { width: 5, height: 6 });
  expect(wanted.shape).toEqual([1, 1 + 6 * 5, 32]);
  expect(maxDifference(got, wanted.values)).toBeLessThan(1e-6);
});

const side = fc.integer({ min: 1, max: 7 });

test("a constant field stays constant, and prefix tokens stay as they are", () => {
  fc.assert(
    fc.property(side, side, side, side, fc.nat(2), (width, height, toWidth, toHeight, prefix) => {
      const positions = new Float32Array((prefix + width * height) * 2).fill(0.625);
      positions.fill(-3, 0, prefix * 2);
      const got = interpolated(positions, prefix, { width, height }, { width: toWidth, height: toHeight });
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
      const straight = interpolated(grid, 0, { width, height }, { width: toWidth, height: toHeight });
      const turned = interpolated(
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
  const positions = tensor3d(new Float32Array(50), [1, 50, 1]);
  await expectRefusal(() => interpolatePositions(positions, 1, FOUR, FOUR), "input-shape", "[1, 17, *]", "[1, 50, 1]");
});
