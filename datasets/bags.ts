import { drawBelow } from "../worker/contract/draw.ts";
import { createRandom } from "../worker/contract/random.ts";

export type Bag = {
  readonly indices: readonly number[]; // as many as the data has, drawn with replacement
  readonly outOfBag: readonly number[]; // those never drawn, about 37 of 100, in order
};

/**
 * What each member of a bagged ensemble trains on, and what it can be measured on since it has not seen it: Breiman,
 * "Bagging predictors", Machine Learning 24, 1996. The first bags of a seed are the same however many are drawn.
 */
export function drawBags(length: number, { bags, seed }: { readonly bags: number; readonly seed: number }): Bag[] {
  const random = createRandom(seed);
  return Array.from({ length: bags }, () => {
    const indices = Array.from({ length }, () => drawBelow(length, random));
    const drawn = new Set(indices);
    return { indices, outOfBag: Array.from({ length }, (_, index) => index).filter((index) => !drawn.has(index)) };
  });
}
