import { shuffle } from "../worker/contract/draw.ts";
import type { Random } from "../worker/contract/random.ts";

/** The order of one epoch, by what chance gives: indices, as many as an epoch has. */
export type EpochOrder = (random: Random) => readonly number[];

/** Every index once. */
export const inShuffledOrder = (length: number): EpochOrder => {
  const indices = Array.from({ length }, (_, index) => index);
  return (random) => shuffle(indices, random);
};

/**
 * Every class as often as every other: an epoch is as long as the data and goes round the classes, each round in an
 * order of its own; within a class every picture comes up before one comes up again. Classes without a picture are
 * left out. `classIndices`: of each picture.
 */
export function inBalancedOrder(classIndices: readonly number[]): EpochOrder {
  const members = new Map<number, number[]>();
  for (const [index, classIndex] of classIndices.entries()) {
    const of = members.get(classIndex);
    if (of) of.push(index);
    else members.set(classIndex, [index]);
  }
  return (random) => {
    const draws = [...members.values()].map((of) => drawFor(of, random));
    const order: number[] = [];
    while (order.length < classIndices.length) order.push(...shuffle(draws, random).map((draw) => draw()));
    return order.slice(0, classIndices.length);
  };
}

function drawFor(members: readonly number[], random: Random): () => number {
  let left: number[] = [];
  return () => {
    if (left.length === 0) left = shuffle(members, random);
    return left.pop()!;
  };
}
