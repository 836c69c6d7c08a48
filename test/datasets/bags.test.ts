import { expect, test } from "vitest";
import { drawBags } from "../../datasets/bags.ts";

test("a bag has as many as the data, and out of it is what it lacks", () => {
  for (const { indices, outOfBag } of drawBags(50, { bags: 20, seed: 1 })) {
    expect(indices).toHaveLength(50);
    const missing = Array.from({ length: 50 }, (_, index) => index).filter((index) => !indices.includes(index));
    expect(outOfBag).toEqual(missing);
  }
});

test("out of a bag is a share of (1 − 1/n)ⁿ, and every index is drawn as often as any", () => {
  const bags = drawBags(100, { bags: 2000, seed: 2 });
  const share = bags.reduce((sum, { outOfBag }) => sum + outOfBag.length, 0) / (100 * 2000);
  expect(Math.abs(share - 0.99 ** 100)).toBeLessThan(0.003); // four standard errors: 4 · 0.031 / √2000
  const counts = Array.from({ length: 100 }, () => 0);
  for (const { indices } of bags) for (const index of indices) counts[index]! += 1;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  expect(chiSquare).toBeLessThan(148.2); // 99 degrees of freedom, p = 0.001
});

test("bags differ, and the first ones of a seed stay the same when more are drawn", () => {
  const [first, second] = drawBags(30, { bags: 2, seed: 9 });
  expect(first).not.toEqual(second);
  expect(drawBags(30, { bags: 5, seed: 9 }).slice(0, 2)).toEqual([first, second]);
  expect(drawBags(30, { bags: 1, seed: 10 })).not.toEqual([first]);
});
