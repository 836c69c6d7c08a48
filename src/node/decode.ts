import sharp, { type Sharp } from "sharp";
import { VisionError } from "../../worker/contract/errors.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import { type ImageHeader, readImageHeader } from "../../worker/image/header.ts";
import { DECODE_SECONDS, MAX_PIXELS } from "../../worker/image/limits.ts";
import { orient } from "../../worker/image/orient.ts";

/**
 * A picture file → upright 8-bit RGB in Node, the same bytes as the browser and Pillow's `convert("RGB")` give: alpha
 * dropped, not blended; colour profiles ignored; the first frame of an animation. Throws `image-…` codes.
 */
export async function decodeWithSharp(bytes: Uint8Array): Promise<RgbImage> {
  const header = readImageHeader(bytes);
  try {
    return orient(await readPixels(bytes), header.orientation);
  } catch (cause) {
    throw explain(cause, header);
  }
}

async function readPixels(bytes: Uint8Array): Promise<RgbImage> {
  const file = sharp(bytes, {
    failOn: "error",
    limitInputPixels: MAX_PIXELS,
    ignoreIcc: true,
    autoOrient: false,
    sequentialRead: true,
  }).timeout({ seconds: DECODE_SECONDS });
  const { space } = await file.metadata();
  return space === "cmyk" ? readCmyk(file) : readRgb(file);
}

async function readRgb(file: Sharp): Promise<RgbImage> {
  const { data, info } = await file
    .toColourspace("srgb") // grey, palettes and 16 bits too
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** Without a profile sharp would guess a printer's; Pillow and browsers take ink for what light lacks. */
async function readCmyk(file: Sharp): Promise<RgbImage> {
  const { data, info } = await file
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const light = 255 - data[from + 3]!;
    for (let ink = 0; ink < 3; ink++) rgb[to++] = light - Math.round((data[from + ink]! * light) / 255);
  }
  return { width: info.width, height: info.height, data: rgb };
}

function explain(cause: unknown, { format, width, height }: ImageHeader): VisionError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text.includes("timeout")) {
    const got = `${width} × ${height} still decoding`;
    const message = `${format} file: wanted it decoded within ${DECODE_SECONDS} s, got ${got}; scale it down first`;
    return new VisionError("image-timeout", message, { cause });
  }
  if (text.includes("pixel limit")) {
    const limit = `${MAX_PIXELS / 1e6} megapixels`;
    return new VisionError("image-too-large", `${format} file: wanted at most ${limit}; scale it down first`, {
      cause,
    });
  }
  return new VisionError("image-corrupt", `${format} file: could not be decoded (${text}); it is damaged`, { cause });
}
