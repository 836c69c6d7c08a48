import type { Random } from "../contract/random.ts";

/** One number of the standard normal distribution (Box & Muller 1958). */
export function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random())); // 1 − random is never 0
  return radius * Math.cos(2 * Math.PI * random());
}

export const drawNormals = (count: number, deviation: number, random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => deviation * drawNormal(random));

/** Normal numbers, drawn anew where they lie more than two deviations out. */
export function drawTruncated(count: number, deviation: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => {
    let drawn = drawNormal(random);
    while (Math.abs(drawn) > 2) drawn = drawNormal(random);
    return deviation * drawn;
  });
}
