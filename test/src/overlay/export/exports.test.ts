import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heatJson } from "../../../../src/overlay/export/heat-json.ts";
import { npyBytes } from "../../../../src/overlay/export/npy.ts";
import reference from "../golden/reference.json" with { type: "json" };
import { makeHeat, seenWhole } from "../make-heat.ts";

test.each(reference.npy)("$grid: every byte is numpy.save's", ({ grid, values, file }) => {
  const [height, width] = grid as [number, number];
  const bytes = npyBytes(Float32Array.from(values), { width, height });
  expect(Buffer.from(bytes).toString("base64")).toBe(file);
});

describe("heatJson", () => {
  const heat = makeHeat(
    [
      [0.1, 2],
      [3, NaN],
    ],
    seenWhole({ width: 20, height: 10 }),
  );

  test("tells the map, its numbers without float32's tail, and where it comes from", () => {
    const known = JSON.parse(heatJson(heat, { model: "everyday-vit" })) as Record<string, unknown>;
    expect(known).toMatchObject({
      model: "everyday-vit",
      method: "rollout",
      settings: { layer: 2, head: "mean", query: null, target: null, discard: null },
      grid: [2, 2],
      seen: { source: { width: 20, height: 10 } },
      map: [0.1, 2, 3, null],
    });
    expect(known).not.toHaveProperty("file");
  });

  test("loses nothing of a float32", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const single = { ...heat, values: Float32Array.of(value) };
        const { map } = JSON.parse(heatJson(single)) as { map: [number] };
        expect(Math.fround(map[0]) + 0).toBe(value + 0); // JSON has no negative zero
      }),
    );
  });
});
