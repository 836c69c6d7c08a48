import { expect, test } from "vitest";
import { massMask } from "../../../src/overlay/mass-mask.ts";
import reference from "./golden/reference.json" with { type: "json" };

test.each(reference.masks)("keeps $share of the mass as DINO's visualiser does", ({ values, share, kept }) =>
  expect([...massMask(Float32Array.from(values), share)]).toEqual(kept),
);

test("negative values and gaps hold no mass", () => {
  expect([...massMask(Float32Array.of(-9, NaN, 1, 3), 0.7)]).toEqual([0, 0, 0, 1]);
  expect([...massMask(new Float32Array(3), 1)]).toEqual([0, 0, 0]);
});
