import { brands } from "./avif.ts";
import type { ByteView } from "./byte-view.ts";

/** What people drop by mistake, by how it starts. */
const SIGNATURES: readonly (readonly [start: string, name: string])[] = [
  ["BM", "a BMP picture"],
  ["II*\0", "a TIFF picture"],
  ["MM\0*", "a TIFF picture"],
  ["\0\0\x01\0", "an icon"],
  ["\xff\x0a", "a JPEG XL picture"],
  ["\0\0\0\x0cJXL ", "a JPEG XL picture"],
  ["8BPS", "a Photoshop file"],
  ["%PDF", "a PDF"],
  ["PK\x03\x04", "a ZIP archive"],
  ["\x1f\x8b", "a gzip archive"],
  ["version https://git-lfs", "a Git LFS pointer, not the file it stands for"],
];

const HEIC_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"];

/** A guess at a file that is no picture of a known format, for the message; "unknown data" where none fits. */
export function describeUnknown(view: ByteView): string {
  const signature = SIGNATURES.find(([start]) => view.says(0, start));
  if (signature !== undefined) return signature[1];
  const offsets = brands(view);
  if (offsets.some((at) => HEIC_BRANDS.some((brand) => view.says(at, brand)))) return "a HEIC picture";
  if (offsets.length > 0) return "a video";
  return describeText(view.bytes.subarray(0, 512)) ?? "unknown data";
}

function describeText(bytes: Uint8Array): string | null {
  const binary = bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  if (binary) return null;
  const text = new TextDecoder().decode(bytes).trimStart().toLowerCase(); // drops a byte-order mark too
  if (text.startsWith("<!doctype html") || text.startsWith("<html")) return "HTML";
  if (text.includes("<svg")) return "an SVG drawing";
  if (text.startsWith("<?xml")) return "XML";
  if (text.startsWith("{") || text.startsWith("[")) return "JSON";
  return "text";
}
