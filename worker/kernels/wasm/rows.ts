import { LINE, roundUp, type LinearMemory } from "./linear-memory.ts";

/** Columns of a panel of a packed matrix (assembly/product.ts). */
export const PANEL = 8;

/** Rows of whole tiles in either build of the kernels, of six and of four. */
export const WHOLE_TILES = 12;

/** Floats of a row whose last panel is whole. */
export const filled = (width: number): number => roundUp(width, PANEL);

/** Bytes of a packed matrix. */
export const packedBytes = (depth: number, columns: number): number => depth * filled(columns) * 4;

/**
 * Bytes from row to row of rows of `width` floats, the last panel whole: an odd number of cache lines. A tile reads rows
 * side by side, and those that lie 4,096 bytes apart drive each other out of a first-level cache.
 */
export const strideOf = (width: number): number => (Math.ceil((filled(width) * 4) / LINE) | 1) * LINE;

/** values `[rows, width]` → rows at an address. */
export function writeRows(memory: LinearMemory, address: number, values: Float32Array, width: number): void {
  const stride = strideOf(width) / 4;
  const rows = values.length / width;
  const to = memory.floats(address, rows * stride);
  for (let row = 0; row < rows; row++) to.set(values.subarray(row * width, (row + 1) * width), row * stride);
}

/** Rows of `width` floats at an address, `stride` bytes apart → `[rows, width]`, a copy. */
export function readRows(
  memory: LinearMemory,
  address: number,
  rows: number,
  width: number,
  stride = strideOf(width),
): Float32Array {
  const values = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) values.set(memory.floats(address + row * stride, width), row * width);
  return values;
}
