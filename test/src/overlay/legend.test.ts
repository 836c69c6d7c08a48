import { describe, expect, test } from "vitest";
import { describeForEars, describeHeat } from "../../../src/overlay/describe-heat.ts";
import { formatValue, legendOf } from "../../../src/overlay/legend.ts";
import { makeHeat, seenWhole } from "./make-heat.ts";

const heat = makeHeat(
  [
    [0.25, -1, 0],
    [1, 2, 3],
  ],
  seenWhole({ width: 6, height: 4 }),
);

const texts = (...[scale]: [Parameters<typeof legendOf>[1]["scale"]]): string[] =>
  legendOf(heat, { colours: "magma", scale }).ticks.map(({ text }) => text);

describe("legendOf", () => {
  test("has the map's own numbers", () => expect(texts({ kind: "min-max" })).toEqual(["-1", "0", "1", "2", "3"]));

  test("says where values lie beyond its ends", () => {
    expect(texts({ kind: "zero-max" })).toEqual(["≤ 0", "0.75", "1.5", "2.25", "3"]);
    expect(texts({ kind: "fixed", min: -4, max: 0 })).toEqual(["-4", "-3", "-2", "-1", "≥ 0"]);
  });

  test("of a map that is the same everywhere has one number", () => {
    const even = makeHeat([[0.5, 0.5]], seenWhole({ width: 2, height: 1 }));
    const { ticks } = legendOf(even, { colours: "grey", scale: { kind: "min-max" } });
    expect(ticks).toEqual([{ unit: 0, text: "0.5" }]);
  });
});

test.each([
  [0, "0"],
  [0.012345, "0.0123"],
  [-4.5, "-4.5"],
  [0.0000123456, "1.23e-5"],
  [99_999, "100000"],
  [1_234_567, "1.23e+6"],
])("%f is written %s", (value, text) => expect(formatValue(value)).toBe(text));

describe("a map in words", () => {
  test("leaves out what was not asked", () => expect(describeHeat(heat)).toBe("rollout · layer 2 · head mean"));

  test("tells what share was discarded, unless it is none", () => {
    const told = (discard: number): string => describeHeat({ ...heat, settings: { ...heat.settings, discard } });
    expect([told(0), told(0.9)]).toEqual([
      "rollout · layer 2 · head mean",
      "rollout · layer 2 · head mean · discard 0.9",
    ]);
  });

  test("tells the patch and its value, counted from 1", () =>
    expect(describeForEars(heat, { column: 2, row: 1 })).toBe(
      "Column 3 of 3, row 2 of 2: 3. Map over the photo, rollout · layer 2 · head mean, 3 by 2 patches",
    ));
});
