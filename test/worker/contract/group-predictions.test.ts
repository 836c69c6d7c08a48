import fc from "fast-check";
import { expect, test } from "vitest";
import { groupPredictions } from "../../../worker/contract/group-predictions.ts";

const predictions = [
  { index: 7, label: "spiny lobster", score: 0.5 },
  { index: 0, label: "frog", score: 0.25 },
  { index: 3, label: "lobster", score: 0.125 },
  { index: 5, label: "bullfrog", score: 0.0625 },
  { index: 4, label: "toad", score: 0.03125 },
];

test.each([
  ["two of a group are told together, in the order of the answer", [[3, 7]], ["spiny lobster or lobster: 0.625"]],
  ["so are three", [[5, 4, 0]], ["frog, bullfrog or toad: 0.34375"]],
  ["members that were not answered are not told", [[9, 7, 8, 3]], ["spiny lobster or lobster: 0.625"]],
  ["one alone is no group", [[3, 9], [8, 9]], []], // prettier-ignore
  ["the most probable comes first", [[0, 5], [3, 7]], ["spiny lobster or lobster: 0.625", "frog or bullfrog: 0.3125"]], // prettier-ignore
  ["a model may have none", [], []],
])("%s", (_, groups, told) =>
  expect(groupPredictions(predictions, groups).map(({ label, score }) => `${label}: ${score}`)).toEqual(told),
);

test("whatever the groups, no more is told together than was answered", () => {
  const groups = fc.array(fc.constantFrom(...Array.from({ length: 10 }, (_, index) => index)), { maxLength: 9 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(9)), groups, (classes, cuts) => {
      const disjoint = [classes.slice(0, cuts.length), classes.slice(cuts.length)];
      const total = groupPredictions(predictions, disjoint).reduce((sum, { score }) => sum + score, 0);
      expect(total).toBeLessThanOrEqual(predictions.reduce((sum, { score }) => sum + score, 0));
    }),
  );
});
