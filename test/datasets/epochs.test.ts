import { describe, expect, test } from "vitest";
import { inBalancedOrder, inShuffledOrder } from "../../datasets/epochs.ts";
import { createRandom } from "../../worker/contract/random.ts";

const classes = [...Array.from({ length: 90 }, () => 0), ...Array.from({ length: 8 }, () => 1), 3, 3]; // class 2 is empty

describe.each([
  ["shuffled", inShuffledOrder(classes.length)],
  ["balanced", inBalancedOrder(classes)],
])("%s epochs", (_, order) => {
  test("depend on the stream alone, and differ with it", () => {
    expect(order(createRandom(1))).toEqual(order(createRandom(1)));
    expect(order(createRandom(2))).not.toEqual(order(createRandom(1)));
  });
});

test("a shuffled epoch has every index once, each as likely to come first", () => {
  const firsts = [0, 0, 0, 0, 0];
  for (let seed = 0; seed < 5000; seed++) {
    const indices = inShuffledOrder(5)(createRandom(seed));
    expect(indices.toSorted()).toEqual([0, 1, 2, 3, 4]);
    firsts[indices[0]!]! += 1;
  }
  const chiSquare = firsts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(18.47); // 4 degrees of freedom, p = 0.001
});

test("a balanced epoch has each class as often as any other, and of a class each picture before one twice", () => {
  for (const seed of [1, 2, 3]) {
    const epoch = inBalancedOrder(classes)(createRandom(seed));
    const drawn = [0, 1, 3].map((of) => epoch.filter((index) => classes[index] === of));
    for (const of of drawn) expect(Math.abs(of.length - 100 / 3)).toBeLessThan(1);
    expect(new Set(drawn[0]).size).toBe(drawn[0]!.length); // 33 or 34 of 90
    expect(new Set(drawn[1]!.slice(0, 8)).size).toBe(8);
  }
});

test("of nothing there is no order", () => {
  expect(inShuffledOrder(0)(createRandom(1))).toEqual([]);
  expect(inBalancedOrder([])(createRandom(1))).toEqual([]);
});
