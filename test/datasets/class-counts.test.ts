import { expect, test } from "vitest";
import { countByClass, emptyClasses } from "../../datasets/class-counts.ts";

test("classes are counted, and those without a picture named", () => {
  const pictures = [2, 0, 2].map((classIndex) => ({ path: "", classIndex }));
  const split = { classes: ["cat", "dog", "owl", "ape"], pictures };
  expect(countByClass(split)).toEqual([1, 0, 2, 0]);
  expect(emptyClasses(split)).toEqual(["dog", "ape"]);
});
