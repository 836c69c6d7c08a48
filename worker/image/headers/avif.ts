import type { Size } from "../../contract/geometry.ts";
import type { ByteView } from "./byte-view.ts";
import type { ByteRange, FormatHeader } from "./format-header.ts";

/** Whether a file of the ISO family says, among its brands, that it is AVIF. */
export function isAvif(view: ByteView): boolean {
  return brands(view).some((at) => view.says(at, "avif") || view.says(at, "avis"));
}

/** Offsets of the brands in `ftyp`; none where the file does not start with one. */
export function brands(view: ByteView): number[] {
  if (!view.says(4, "ftyp")) return [];
  const end = Math.min(view.u32(0), view.length, 256); // real files name about five
  const offsets = [8];
  for (let at = 16; at + 4 <= end; at += 4) offsets.push(at);
  return offsets;
}

/**
 * Reads the boxes of an AVIF file (ISO 23008-12). The size is that of its largest item, so of the whole picture where
 * it is made of tiles. Orientation is 1: decoders turn AVIF pictures themselves, by other boxes than EXIF.
 */
export function readAvifHeader(view: ByteView): FormatHeader {
  let size: Size | null = null;
  for (const item of itemSizes(view)) {
    if (size === null || item.width * item.height > size.width * size.height) size = item;
  }
  if (size === null) throw view.corrupt("wanted the size of its picture (box ispe), got none");
  const last = [...boxes(view, { start: 0, end: view.length })].at(-1);
  const complete = last !== undefined && last.end <= view.length;
  return { ...size, orientation: 1, complete, cut: [] };
}

type Box = ByteRange & { readonly type: number; readonly body: number }; // `end` as the box claims

/** Sizes in meta / iprp / ipco / ispe. */
function* itemSizes(view: ByteView): Generator<Size> {
  for (const meta of named(view, "meta", { start: 0, end: view.length })) {
    for (const properties of named(view, "iprp", { start: meta.body + 4, end: meta.end })) {
      for (const container of named(view, "ipco", { start: properties.body, end: properties.end })) {
        for (const { body } of named(view, "ispe", { start: container.body, end: container.end })) {
          yield { width: view.u32(body + 4), height: view.u32(body + 8) };
        }
      }
    }
  }
}

function* named(view: ByteView, type: string, within: ByteRange): Generator<Box> {
  for (const box of boxes(view, within)) if (view.says(box.type, type)) yield box;
}

function* boxes(view: ByteView, { start, end }: ByteRange): Generator<Box> {
  for (let at = start; at + 8 <= Math.min(end, view.length);) {
    const short = view.u32(at);
    const long = short === 1; // the length follows, in 64 bits
    const length = long ? view.u32(at + 8) * 2 ** 32 + view.u32(at + 12) : short === 0 ? end - at : short;
    if (length < (long ? 16 : 8)) throw view.corrupt(`wanted a box of 8 bytes or more, got ${length}`);
    yield { type: at + 4, body: at + (long ? 16 : 8), start: at, end: at + length };
    at += length;
  }
}
