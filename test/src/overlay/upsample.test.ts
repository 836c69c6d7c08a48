import { describe, expect, test } from "vitest";
import { upsample, type Upsampling } from "../../../src/overlay/upsample.ts";
import reference from "./golden/reference.json" with { type: "json" };

describe("upsample equals torch.nn.functional.interpolate", () => {
  test.each(reference.upsample)("$mode, $grid to $size", ({ mode, grid, size, values, result }) => {
    const [rows, columns] = grid as [number, number];
    const [height, width] = size as [number, number];
    const ours: Upsampling = mode === "nearest-exact" ? "nearest" : "bilinear";
    const field = upsample(Float32Array.from(values), { width: columns, height: rows }, { width, height }, ours);
    const worst = Math.max(...result.map((wanted, i) => Math.abs(wanted - field[i]!)));
    expect(field.length).toBe(result.length);
    expect(worst).toBeLessThan(ours === "nearest" ? Number.MIN_VALUE : 1e-6);
  });
});

test("a map over a part of the photo leaves the rest empty", () => {
  const over = { left: 1.5, top: -1, width: 2, height: 4 }; // reaches past the top and the bottom
  const field = upsample(Float32Array.of(1, 2), { width: 2, height: 1 }, { width: 5, height: 2 }, "nearest", over);
  const row = [NaN, 1, 2, NaN, NaN]; // centres 0.5, 1.5, 2.5, 3.5, 4.5; the cells are 1.5…2.5 and 2.5…3.5
  expect([...field]).toEqual([...row, ...row]);
});
