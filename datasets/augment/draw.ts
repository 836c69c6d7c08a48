import type { Random } from "../../worker/contract/random.ts";

export type Range = readonly [low: number, high: number];

export const drawBetween = (random: Random, [low, high]: Range): number => low + (high - low) * random();

/** A whole number from 0 to `count` − 1. */
export const drawBelow = (random: Random, count: number): number => Math.floor(random() * count);

/** The numbers from 0 to `count` − 1 in random order (Fisher and Yates). */
export function drawOrder(random: Random, count: number): number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last--) {
    const chosen = drawBelow(random, last + 1);
    [order[last], order[chosen]] = [order[chosen]!, order[last]!];
  }
  return order;
}
