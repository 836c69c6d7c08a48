import { expect, test } from "vitest";
import {
  countOf,
  formatBytes,
  formatCount,
  formatMilliseconds,
  formatPercent,
  formatScore,
} from "../../../src/app/format.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1500, "2 KB"],
  [2_510_112, "2.5 MB"],
  [22_900_000, "23 MB"],
  [346_293_852, "346 MB"],
])("%d bytes read %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [812, "812"],
  [86_400, "86 thousand"],
  [5_717_416, "5.7 million"],
  [86_567_656, "87 million"],
])("%d things read %s", (count, text) => expect(formatCount(count)).toBe(text));

test.each([
  [0, "0.0%"],
  [0.0001, "<0.1%"],
  [0.0005, "0.1%"],
  [0.8312, "83.1%"],
  [1, "100.0%"],
])("a probability of %d reads %s", (score, text) => expect(formatPercent(score)).toBe(text));

test("scores have a true minus sign", () => {
  expect([-0.517, 0, 1.2].map(formatScore)).toEqual(["−0.52", "0.00", "1.20"]);
});

test("times, and counts with their noun", () => {
  expect([0.2, 43.4, 1530].map(formatMilliseconds)).toEqual(["1 ms", "43 ms", "1.5 s"]);
  expect([countOf(1, "photo"), countOf(0, "photo")]).toEqual(["1 photo", "0 photos"]);
});
