import { createRandom, type Random } from "../contract/random.ts";

/**
 * A stream of its own for each purpose, epoch and batch of a run, so that any of them can be drawn again without those
 * before it. The numbers are mixed as FNV-1a mixes bytes.
 */
export const streamOf = (seed: number, ...path: readonly number[]): Random =>
  createRandom(path.reduce((hash, number) => Math.imul(hash ^ number, 0x01000193), seed ^ 0x811c9dc5) >>> 0);

/**
 * What a run draws numbers for: dropout and stochastic depth; the order of pictures; crops and colours;
 * a new model's first weights; adapters. Two purposes of one run have different streams.
 */
export const STREAMS = { masks: 1, order: 2, pictures: 3, newModel: 4, adapters: 5 } as const;
