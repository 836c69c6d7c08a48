import type { ByteView } from "./byte-view.ts";
import { readExifOrientation } from "./exif.ts";
import type { ByteRange, FormatHeader, Orientation } from "./format-header.ts";

const SIGNATURE_BYTES = 8;

/**
 * Chunks that a browser acts on: EXIF, the announcement of an animation, which without it is the picture that readers of
 * plain PNG see, and colour spaces.
 */
const ACTED_ON = ["eXIf", "acTL", "iCCP", "cICP", "sRGB", "gAMA", "cHRM"];

/** Reads every chunk of a PNG file (W3C PNG 3). */
export function readPngHeader(view: ByteView): FormatHeader {
  if (!view.says(SIGNATURE_BYTES + 4, "IHDR")) throw view.corrupt("wanted IHDR as the first chunk, got another");
  const size = { width: view.u32(16), height: view.u32(20) };
  let orientation: Orientation | null = null;
  let complete = false;
  const cut: ByteRange[] = [];
  for (let at = SIGNATURE_BYTES; !complete && at + 12 <= view.length;) {
    const data = at + 8;
    const end = data + view.u32(at) + 4; // with the checksum
    if (end > view.length) break;
    if (view.says(at + 4, "eXIf")) orientation ??= readExifOrientation(view.bytes.subarray(data, end - 4));
    if (ACTED_ON.some((type) => view.says(at + 4, type))) cut.push({ start: at, end });
    complete = view.says(at + 4, "IEND");
    at = end;
  }
  return { ...size, orientation: orientation ?? 1, complete, cut };
}
