import { createRandom, type Random } from "../contract/random.ts";

/**
 * A stream of its own for each purpose, epoch and batch of a run, so that any of them can be drawn again without those
 * before it. The numbers are mixed as FNV-1a mixes bytes.
 */
export const streamOf = (seed: number, ...path: readonly number[]): Random =>
  createRandom(path.reduce((hash, number) => Math.imul(hash ^ number, 0x01000193), seed ^ 0x811c9dc5) >>> 0);
