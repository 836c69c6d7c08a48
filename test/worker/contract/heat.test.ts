import { expect, test } from "vitest";
import type { HeatSettings } from "../../../worker/contract/heat.ts";
import { heatOfHead, heatOfQuery, toHeat } from "../../../worker/contract/heat.ts";

const size = { width: 2, height: 1 };
const seen = { source: size, resized: size, crop: { left: 0, top: 0, ...size } };
const unasked: HeatSettings = { layer: null, head: null, query: null, target: null, discard: null };

test("a map tells its range, and its settings apart from its method", () => {
  const values = Float32Array.of(0.5, -2);
  const heat = toHeat({ grid: size, values, settings: { method: "chefer", ...unasked, target: 4 } }, seen);
  expect(heat).toEqual({
    method: "chefer",
    grid: size,
    values,
    range: { min: -2, max: 0.5 },
    seen,
    settings: { ...unasked, target: 4 },
  });
});

test("any query's map is its row of the matrix, and says whose it is", () => {
  const matrix = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const all = { matrix, prefixTokens: 1, grid: size, settings: { method: "rollout", ...unasked } as const, seen };
  for (const [query, wanted] of [
    ["class", [2, 3]],
    ["mean", [6.5, 7.5]],
    [1, [8, 9]],
  ] as const) {
    const { values, settings, method } = heatOfQuery(all, query);
    expect([[...values], settings.query, method]).toEqual([wanted, query, "rollout"]);
  }
  expect(() => heatOfQuery(all, 2)).toThrow("a cell from 0 to 1");
});

test("any head's map is a copy of its own", () => {
  const values = Float32Array.from({ length: 12 }, (_, at) => at); // 2 layers of 3 heads of 2 cells
  const heads = { grid: size, layers: 2, heads: 3, query: "class", values, seen } as const;
  const heat = heatOfHead(heads, 1, 2);
  expect([...heat.values]).toEqual([10, 11]);
  expect(heat).toMatchObject({ method: "raw", settings: { ...unasked, layer: 1, head: 2, query: "class" } });
  heat.values[0] = 0;
  expect(values[10]).toBe(10);
  expect(() => heatOfHead(heads, 2, 0)).toThrow("layer: wanted one from 0 to 1, got 2");
  expect(() => heatOfHead(heads, 0, 3)).toThrow("head: wanted one from 0 to 2, got 3");
});
