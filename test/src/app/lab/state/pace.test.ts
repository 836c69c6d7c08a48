import { expect, test } from "vitest";
import {
  NO_PACE,
  noteUpdate,
  pausePace,
  roundTime,
  timeLeft,
  type Pace,
} from "../../../../../src/app/lab/state/pace.ts";

/** Updates that end so many milliseconds after the one before. */
const after = (times: readonly number[], pace: Pace = NO_PACE): Pace => {
  let now = pace.at ?? 1000;
  return times.reduce((known, time) => noteUpdate(known, known.update + 1, (now += time)), pace);
};

test("a steady run takes as long for the rest as for what there was of it", () => {
  expect(timeLeft(after(Array(100).fill(200)), 500)).toBeCloseTo(400 * 200, 6);
});

test("a few updates tell nothing yet, and the first, which compiles, never counts", () => {
  expect(timeLeft(after([9000, 100, 100, 100, 100]), 10)).toBeNull();
  expect(timeLeft(after([9000, 100, 100, 100, 100, 100]), 10)).toBeCloseTo(400, 6);
});

test("nothing is left after the last", () => expect(timeLeft(after(Array(10).fill(100)), 10)).toBeNull());

test("a wait is not measured", () => {
  const before = after(Array(50).fill(100));
  const waited = noteUpdate(pausePace(before), 51, 1e9);
  expect(timeLeft(waited, 151)).toBeCloseTo(100 * 100, 6);
});

test("one slow update moves the estimate a little, a slower machine moves it all the way", () => {
  const steady = after(Array(100).fill(100));
  expect(timeLeft(after([300], steady), 201)).toBeCloseTo(100 * 110, 6);
  expect(timeLeft(after(Array(100).fill(300), steady), 300)! / (100 * 300)).toBeCloseTo(1, 1);
});

test.each([
  [1, "seconds", 10],
  [14_000, "seconds", 10],
  [44_000, "seconds", 40],
  [89_000, "seconds", 90],
  [91_000, "minutes", 2],
  [200_000, "minutes", 3],
] as const)("%d ms are about this long for people: %s %d", (milliseconds, unit, count) => {
  expect(roundTime(milliseconds)).toEqual({ unit, count });
});
