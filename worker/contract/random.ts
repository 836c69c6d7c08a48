/** A stream of numbers that depends on its seed alone, so that what is drawn can be drawn again. Uniform in [0, 1). */
export type Random = () => number;

/**
 * Blackman and Vigna's xoshiro128** 1.1 (https://prng.di.unimi.it): period 2^128 − 1, and 32-bit arithmetic, which is
 * what JavaScript has. Gives whole numbers below 2^32. The four words of the state must not all be 0.
 */
export function xoshiro128([w0, w1, w2, w3]: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = [w0, w1, w2, w3];
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** `seed`: a whole number below 2^32. Neighbouring seeds give unrelated streams. */
export function createRandom(seed: number): Random {
  const next = xoshiro128([scramble(seed, 1), scramble(seed, 2), scramble(seed, 3), scramble(seed, 4)]);
  return () => next() / 2 ** 32;
}

/** The `step`th number of a splitmix32: a Weyl sequence through MurmurHash3's finaliser, as xoshiro's authors advise. */
function scramble(seed: number, step: number): number {
  let word = (seed + Math.imul(step, 0x9e3779b9)) | 0; // 2^32 over the golden ratio
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
