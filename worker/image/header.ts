import { VisionError } from "../contract/errors.ts";
import { isAvif, readAvifHeader } from "./headers/avif.ts";
import { ByteView } from "./headers/byte-view.ts";
import type { FormatHeader } from "./headers/format-header.ts";
import { readGifHeader } from "./headers/gif.ts";
import { readJpegHeader } from "./headers/jpeg.ts";
import { readPngHeader } from "./headers/png.ts";
import { describeUnknown } from "./headers/unknown.ts";
import { readWebpHeader } from "./headers/webp.ts";
import { MAX_PIXELS, MAX_SIDE } from "./limits.ts";

export const IMAGE_FORMATS = ["jpeg", "png", "webp", "gif", "avif"] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

export type ImageHeader = FormatHeader & { readonly format: ImageFormat };

const READERS: Readonly<Record<ImageFormat, (view: ByteView) => FormatHeader>> = {
  jpeg: readJpegHeader,
  png: readPngHeader,
  webp: readWebpHeader,
  gif: readGifHeader,
  avif: readAvifHeader,
};

/**
 * What a whole picture file says of itself, without decoding it. Refuses what no decoder should be given:
 * `image-empty`, `image-unknown-format`, `image-too-large` (over 100 megapixels), and `image-corrupt` for a damaged
 * header, for a file that ends before its picture does, and for a JPEG of more than 100 scans.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw new VisionError("image-empty", "picture: wanted a file, got 0 bytes; choose another");
  const format = sniffFormat(bytes);
  const header = { format, ...READERS[format](new ByteView(bytes, format)) };
  checkSize(header);
  if (!header.complete) {
    throw new VisionError(
      "image-corrupt",
      `${format} file: wanted the end of the picture, got a truncated file of ${bytes.length} bytes; fetch it again`,
    );
  }
  return header;
}

function sniffFormat(bytes: Uint8Array): ImageFormat {
  const view = new ByteView(bytes, "picture");
  if (view.says(0, "\xff\xd8\xff")) return "jpeg";
  if (view.says(0, "\x89PNG\r\n\x1a\n")) return "png";
  if (view.says(0, "RIFF") && view.says(8, "WEBP")) return "webp";
  if (view.says(0, "GIF87a") || view.says(0, "GIF89a")) return "gif";
  if (isAvif(view)) return "avif";
  const unknown = describeUnknown(view);
  const advice = unknown === "HTML" ? "check the address it came from" : "convert it first";
  throw new VisionError(
    "image-unknown-format",
    `picture: wanted ${IMAGE_FORMATS.join(", ")}, got what looks like ${unknown}; ${advice}`,
  );
}

function checkSize({ format, width, height }: ImageHeader): void {
  const size = `${width} × ${height}`;
  if (width === 0 || height === 0) {
    throw new VisionError("image-corrupt", `${format} file: wanted at least 1 × 1 pixels, got ${size}`);
  }
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) {
    throw new VisionError(
      "image-too-large",
      `${format} file: wanted at most ${MAX_PIXELS / 1e6} megapixels and ${MAX_SIDE} pixels a side, got ${size}; scale it down first`,
    );
  }
}
