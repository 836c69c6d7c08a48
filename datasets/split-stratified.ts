import { shuffle } from "../worker/contract/draw.ts";
import { VisionError } from "../worker/contract/errors.ts";
import { createRandom, type Random } from "../worker/contract/random.ts";

export type StratifiedOptions = {
  readonly validation: number; // share of the items, 0…1 without its ends
  readonly seed: number; // whole number below 2^32
};

export type Parted<Item> = { readonly train: Item[]; readonly validation: Item[] };

/**
 * Parts items so that each class has its share in both parts: of a class of n, ⌊share · n⌋ or one more go to validation,
 * and at least one stays for training; all in all ⌊share · N + ½⌋ where the classes are big enough for that. The ones more go to the
 * classes that rounding down cost most, of equals to those the seed draws. Both parts keep the items' order.
 * Throws `invalid-argument` for a share outside 0…1.
 */
export function splitStratified<Item>(
  items: readonly Item[],
  classOf: (item: Item) => number | string,
  { validation: share, seed }: StratifiedOptions,
): Parted<Item> {
  if (!(share > 0 && share < 1)) {
    throw new VisionError("invalid-argument", `validation: wanted a share between 0 and 1, got ${share}`);
  }
  const random = createRandom(seed);
  const members = [...groupBy(items, classOf).values()];
  const held = new Set<number>();
  for (const [at, take] of allot(members, share, Math.round(share * items.length), random).entries()) {
    for (const item of shuffle(members[at]!, random).slice(0, take)) held.add(item);
  }
  const part = (isHeld: boolean): Item[] => items.filter((_, at) => held.has(at) === isHeld);
  return { train: part(false), validation: part(true) };
}

/** class → where its items stand */
function groupBy<Item>(
  items: readonly Item[],
  classOf: (item: Item) => number | string,
): Map<number | string, number[]> {
  const groups = new Map<number | string, number[]>();
  for (const [at, item] of items.entries()) {
    const group = groups.get(classOf(item));
    if (group) group.push(at);
    else groups.set(classOf(item), [at]);
  }
  return groups;
}

/** How many of each class: the method of largest remainders. */
function allot(members: readonly (readonly number[])[], share: number, total: number, random: Random): number[] {
  const takes = members.map(({ length }) => Math.floor(share * length));
  const remainder = (at: number): number => share * members[at]!.length - takes[at]!;
  const open = shuffle([...members.keys()], random).filter((at) => takes[at]! + 1 < members[at]!.length);
  const neediest = open.sort((a, b) => remainder(b) - remainder(a)); // stable: of equals, the first drawn
  const missing = total - takes.reduce((sum, take) => sum + take, 0);
  for (const at of neediest.slice(0, Math.max(0, missing))) takes[at]! += 1;
  return takes;
}
