import { drawNormal } from "../contract/draw.ts";
import type { Random } from "../contract/random.ts";

/** Uniform between −bound and bound. */
export const drawUniforms = (count: number, bound: number, random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => (2 * random() - 1) * bound);

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
