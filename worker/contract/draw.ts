import type { Random } from "./random.ts";

/** A whole number from 0 to `count` − 1. */
export const drawBelow = (count: number, random: Random): number => Math.floor(random() * count);

/** One of the items, each as likely as the others. */
export const pick = <Item>(items: readonly Item[], random: Random): Item => items[drawBelow(items.length, random)]!;

/** A copy in random order, each order equally likely: Durstenfeld's, Communications of the ACM 7, 1964. */
export function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const at = drawBelow(last + 1, random);
    [shuffled[last], shuffled[at]] = [shuffled[at]!, shuffled[last]!];
  }
  return shuffled;
}

/** One number of the standard normal distribution (Box & Muller 1958). */
export function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random())); // 1 − random is never 0
  return radius * Math.cos(2 * Math.PI * random());
}
