import { expect, test } from "vitest";
import { headedChoice, typedChoice } from "../../../../../src/app/state/models/model-choices.ts";
import { readClasses, writeClasses } from "../../../../../src/app/state/teaching/saved-classes.ts";
import type { TaughtHead } from "../../../../../src/index.ts";

const HEAD: TaughtHead = { labels: ["cat", "dog"], weight: [[1], [2]], bias: [0, 0], rightWhenHeldAside: 0.5 };
const BASE = typedChoice("owner/name")!;

test("a head is read as it was written, with the model that it goes with", () => {
  expect(readClasses(writeClasses(headedChoice(BASE, HEAD))!)).toEqual({ head: HEAD, model: "hf:owner/name" });
  expect(writeClasses(BASE)).toBeNull();
});

test("a file that names no model is read all the same", () => {
  expect(readClasses(JSON.stringify(HEAD))).toEqual({ head: HEAD, model: null });
  expect(readClasses(JSON.stringify({ ...HEAD, model: 7 })).model).toBeNull();
});

test.each(["[]", "{}", '"x"', "null", "7", "", "{ broken", '{"labels":"ab","weight":[[1],[2]],"bias":[0,0]}'])(
  "%s holds no classes",
  (text) => expect(() => readClasses(text)).toThrow(expect.objectContaining({ code: "invalid-argument" })),
);

test("labels that are no names are refused", () =>
  expect(() => readClasses(JSON.stringify({ ...HEAD, labels: [1, null] }))).toThrow("labels: wanted names"));
