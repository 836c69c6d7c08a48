import type { Orientation } from "./format-header.ts";

const ORIENTATION_TAG = 0x0112;
const SHORT = 3; // TIFF field types: 16 bits,
const LONG = 4; // 32 bits, as some writers have it
const ENTRY_BYTES = 12;

/** The orientation in a TIFF structure, as EXIF blocks hold it; 1 where there is none or the block is malformed. */
export function readExifOrientation(tiff: Uint8Array): Orientation {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 8) return 1;
  const littleEndian = view.getUint16(0) === 0x4949; // "II", else "MM"
  if (!littleEndian && view.getUint16(0) !== 0x4d4d) return 1;
  const directory = view.getUint32(4, littleEndian);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, littleEndian);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > view.byteLength) return 1;
    if (view.getUint16(entry, littleEndian) !== ORIENTATION_TAG) continue;
    const type = view.getUint16(entry + 2, littleEndian);
    if (type === SHORT) return asOrientation(view.getUint16(entry + 8, littleEndian));
    return type === LONG ? asOrientation(view.getUint32(entry + 8, littleEndian)) : 1;
  }
  return 1;
}

const asOrientation = (value: number): Orientation => (value >= 1 && value <= 8 ? (value as Orientation) : 1);
