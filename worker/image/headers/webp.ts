import type { Size } from "../../contract/geometry.ts";
import type { ByteView } from "./byte-view.ts";
import { readExifOrientation } from "./exif.ts";
import type { FormatHeader, Orientation } from "./format-header.ts";

const FIRST_CHUNK = 12;
const PAYLOAD = FIRST_CHUNK + 8;

/** Reads the first chunk of a WebP file (RFC 9649) and, where there may be one, its EXIF chunk. */
export function readWebpHeader(view: ByteView): FormatHeader {
  const complete = view.u32LittleEndian(4) + 8 <= view.length;
  // No browser acts on EXIF in WebP, so nothing needs cutting out.
  return { ...readFirstChunk(view), orientation: readOrientation(view), complete, cut: [] };
}

function readFirstChunk(view: ByteView): Size {
  if (view.says(FIRST_CHUNK, "VP8X")) {
    return { width: view.u24LittleEndian(PAYLOAD + 4) + 1, height: view.u24LittleEndian(PAYLOAD + 7) + 1 };
  }
  if (view.says(FIRST_CHUNK, "VP8L")) {
    const bits = view.u32LittleEndian(PAYLOAD + 1); // 14 bits of width - 1, 14 of height - 1
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (view.says(FIRST_CHUNK, "VP8 ")) {
    const width = view.u16LittleEndian(PAYLOAD + 6) & 0x3fff; // the upper 2 bits ask for scaling on screen
    const height = view.u16LittleEndian(PAYLOAD + 8) & 0x3fff;
    return { width, height };
  }
  throw view.corrupt("wanted VP8, VP8L or VP8X as the first chunk, got another");
}

/** Only the extended format has metadata, behind the picture. */
function readOrientation(view: ByteView): Orientation {
  if (!view.says(FIRST_CHUNK, "VP8X")) return 1;
  for (let at = FIRST_CHUNK; at + 8 <= view.length;) {
    const data = at + 8;
    const end = data + view.u32LittleEndian(at + 4);
    if (view.says(at, "EXIF")) {
      const tiff = view.says(data, "Exif\0\0") ? data + 6 : data; // some writers keep JPEG's prefix
      return readExifOrientation(view.bytes.subarray(tiff, end));
    }
    at = end + (end & 1); // chunks start at even offsets
  }
  return 1;
}
