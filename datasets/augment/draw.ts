import type { Random } from "../../worker/contract/random.ts";

export type Range = readonly [low: number, high: number];

export const drawBetween = (random: Random, [low, high]: Range): number => low + (high - low) * random();
