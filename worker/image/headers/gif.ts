import type { ByteView } from "./byte-view.ts";
import type { FormatHeader } from "./format-header.ts";

const SCREEN_END = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;

/** Reads a GIF file (GIF89a) as far as the end of its first frame, the only one that is looked at. */
export function readGifHeader(view: ByteView): FormatHeader {
  const size = { width: view.u16LittleEndian(6), height: view.u16LittleEndian(8) };
  const complete = holdsFirstFrame(view, SCREEN_END + colourTableBytes(view.byte(10)));
  return { ...size, orientation: 1, complete, cut: [] };
}

function holdsFirstFrame(view: ByteView, start: number): boolean {
  let at = start;
  while (view.bytes[at] === EXTENSION) {
    const end = skipSubBlocks(view, at + 2);
    if (end === null) return false;
    at = end;
  }
  if (view.bytes[at] !== IMAGE || at + 10 > view.length) return false;
  const codeSize = at + 10 + colourTableBytes(view.byte(at + 9));
  return skipSubBlocks(view, codeSize + 1) !== null;
}

/** Three bytes a colour, where the packed field says that a table follows. */
const colourTableBytes = (packed: number): number => ((packed & 0x80) === 0 ? 0 : 3 << ((packed & 7) + 1));

/** Where the chain of sub-blocks that starts here ends; `null` where the file ends first. */
function skipSubBlocks(view: ByteView, start: number): number | null {
  let at = start;
  for (;;) {
    const length = view.bytes[at];
    if (length === undefined) return null;
    if (length === 0) return at + 1;
    at += 1 + length;
  }
}
