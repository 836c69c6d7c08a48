import type { Size } from "../../../worker/contract/geometry.ts";

const MAGIC = "\x93NUMPY\x01\x00"; // format version 1.0
const ALIGNMENT = 64; // bytes: where the numbers start, as numpy writes them itself

/**
 * A map as a `.npy` file, float32 `[rows, columns]`: version 1.0, little-endian, C order.
 *
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function npyBytes(values: Float32Array, grid: Size): Uint8Array<ArrayBuffer> {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${grid.height}, ${grid.width}), }`;
  const unpadded = MAGIC.length + 2 + fields.length + 1; // the header's length takes 2 bytes, its line feed 1
  const start = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const header = `${fields.padEnd(start - MAGIC.length - 3)}\n`;
  const file = new Uint8Array(start + values.length * 4);
  const view = new DataView(file.buffer);
  writeLatin1(file, 0, MAGIC);
  view.setUint16(MAGIC.length, header.length, true);
  writeLatin1(file, MAGIC.length + 2, header);
  values.forEach((value, i) => view.setFloat32(start + i * 4, value, true));
  return file;
}

const writeLatin1 = (file: Uint8Array, at: number, text: string): void => {
  for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i);
};
