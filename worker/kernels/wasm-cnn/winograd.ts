import type { Size } from "../../contract/geometry.ts";
import type { Kernel } from "../cnn-kernels.ts";

/** Winograd's F(2 × 2, 3 × 3), as assembly/winograd.ts computes it: when it is worth it, and its kernels. */

/** Terms of a tile, and of a kernel of 3 × 3 taps. */
export const TERMS = 16;

const TAPS = 9;
const TILE = 2; // positions a side

/** With fewer, reading and writing tiles costs more than is saved, or what it reads of kernels does. */
const FEWEST_CHANNELS = 32;
const FEWEST_TILES = 4;

/** Most products, of those that a direct convolution takes: tiles may reach over the edges. */
const MOST_PRODUCTS = 2 / 3;

export const countTiles = ({ width, height }: Size): number => Math.ceil(width / TILE) * Math.ceil(height / TILE);

/** Whether it is quicker for a convolution of 3 × 3 taps and stride 1 that makes such a map. */
export const isWorthTiles = (inputs: number, outputs: number, map: Size): boolean =>
  Math.min(inputs, outputs) >= FEWEST_CHANNELS &&
  countTiles(map) >= FEWEST_TILES &&
  countTiles(map) * TERMS <= MOST_PRODUCTS * map.width * map.height * TAPS;

/** Kernels of 3 × 3 taps, times their scale → their terms `[outputs, inputs, 16]`: G g Gᵀ, in float64. */
export function winogradKernel({ weight, scale, shift }: Kernel): Kernel {
  const kernels = weight.length / TAPS;
  const half = new Float64Array(4 * 3); // G g
  const terms = new Float32Array(kernels * TERMS);
  for (let kernel = 0; kernel < kernels; kernel++) {
    const factor = scale[Math.floor((kernel * scale.length) / kernels)]!;
    for (let x = 0; x < 3; x++) mix(weight, kernel * TAPS + x, 3, factor, half, x, 3);
    for (let row = 0; row < 4; row++) mix(half, 3 * row, 1, 1, terms, kernel * TERMS + 4 * row, 1);
  }
  return { weight: terms, scale: scale.map(() => 1), shift };
}

/** G times three numbers, which are `apart`, times a factor → four that are. */
function mix(
  from: Float32Array | Float64Array,
  first: number,
  apart: number,
  factor: number,
  to: Float32Array | Float64Array,
  at: number,
  toApart: number,
): void {
  const left = factor * from[first]!;
  const middle = factor * from[first + apart]!;
  const right = factor * from[first + 2 * apart]!;
  to[at] = left;
  to[at + toApart] = (left + middle + right) / 2;
  to[at + 2 * toApart] = (left - middle + right) / 2;
  to[at + 3 * toApart] = right;
}
