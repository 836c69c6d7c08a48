import type { ImageMessage } from "../contract/api.ts";
import { abortError, VisionError } from "../contract/errors.ts";
import type { RgbImage } from "../contract/pixels.ts";
import { readBitmap } from "./browser/read-bitmap.ts";
import { fetchPicture } from "./fetch-picture.ts";
import { openBitmap } from "./browser/open-bitmap.ts";
import { checkPixelCount } from "./check-pixel-count.ts";
import { readImageHeader } from "./header.ts";
import { orient } from "./orient.ts";

/**
 * A picture of any kind that crosses the worker boundary → upright 8-bit RGB, with the bytes Pillow's
 * `convert("RGB")` gives: alpha dropped, not blended; colour profiles ignored. Needs a browser: a page or a worker.
 *
 * A bitmap is closed, whatever happens. Throws `image-…` codes, for a URL `source-not-found` and `source-network`,
 * and an `AbortError`.
 */
export async function decodeInBrowser(image: ImageMessage, signal?: AbortSignal): Promise<RgbImage> {
  if (signal?.aborted) {
    if (image instanceof ImageBitmap) image.close();
    throw abortError();
  }
  if (image instanceof ImageBitmap) return readAndClose(image);
  if (typeof image === "string") return decodeFile(await fetchPicture(image, signal), signal);
  if (image instanceof Blob) return decodeFile(await readBlob(image), signal);
  checkPixelCount(image);
  return image;
}

async function decodeFile(bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<RgbImage> {
  const header = readImageHeader(bytes);
  const bitmap = await openBitmap(bytes, header, signal);
  return orient(readAndClose(bitmap), header.orientation);
}

function readAndClose(bitmap: ImageBitmap): RgbImage {
  try {
    return readBitmap(bitmap);
  } finally {
    bitmap.close();
  }
}

async function readBlob(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    const message = "picture: wanted to read the file, got an error; it may have moved or changed, choose it again";
    throw new VisionError("image-unsupported-input", message, { cause });
  }
}
