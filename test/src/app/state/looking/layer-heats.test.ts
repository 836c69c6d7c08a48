import { expect, test } from "vitest";
import { heatOfLayer } from "../../../../../src/app/state/looking/layer-heats.ts";
import type { HeadHeats } from "../../../../../src/index.ts";
import { answer } from "../../fake-vision.ts";

const rows: HeadHeats = {
  grid: { width: 2, height: 1 },
  layers: 2,
  heads: 2,
  query: "class",
  values: Float32Array.of(1, 2, 3, 8, 5, 6, 9, 4), // [2 layers, 2 heads, 2 cells]
  seen: answer("").seen,
};

test.each([
  [0, [1, 2]],
  [1, [3, 8]],
  ["mean", [2, 5]],
  ["max", [3, 8]],
  ["min", [1, 2]],
] as const)("layer 0, head %s", (head, values) => {
  const heat = heatOfLayer(rows, 0, head);
  expect([...heat.values]).toEqual(values);
  expect(heat.range).toEqual({ min: Math.min(...values), max: Math.max(...values) });
  expect(heat.settings).toMatchObject({ layer: 0, head });
});

test("another layer's cells are its own", () => expect([...heatOfLayer(rows, 1, "mean").values]).toEqual([7, 5]));
