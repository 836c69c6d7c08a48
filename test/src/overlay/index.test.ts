import { expect, test } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };

test("the overlay is imported where there is no page, and is there under the package's name", async () => {
  expect(typeof document).toBe("undefined");
  const { OverlayCanvas, TileCanvas, COLOUR_MAPS, npyBytes } = await import("../../../src/overlay/index.ts");
  expect([OverlayCanvas, TileCanvas, npyBytes].map((part) => typeof part)).toEqual(Array(3).fill("function"));
  expect(COLOUR_MAPS).toContain("viridis");
  expect(packageJson.exports["./overlay"].default).toBe("./dist/lib/src/overlay/index.js");
});
