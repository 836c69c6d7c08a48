import type { ImageMessage } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { ImageInput } from "./vision.ts";

/** The picture as it is: the worker makes the RGB bytes, without the browser's colour or transparency changes. */
const UNTOUCHED: ImageBitmapOptions = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

/**
 * What can cross the worker boundary for any picture a page may hold. Bitmaps made here are to be transferred; the
 * caller's own picture stays usable. Throws `image-unsupported-input`.
 */
export async function imageMessage(image: ImageInput): Promise<ImageMessage> {
  if (typeof image === "string" || image instanceof URL) return absoluteUrl(image);
  if (image instanceof Blob) return image;
  if (isRgbImage(image)) return { width: image.width, height: image.height, data: image.data };
  try {
    if (image instanceof HTMLImageElement) await image.decode();
    return await createImageBitmap(image, UNTOUCHED);
  } catch (cause) {
    throw new VisionError("image-unsupported-input", explain(image, cause), { cause });
  }
}

/** Callers without types may pass anything, also nothing. */
const isRgbImage = (image: unknown): image is RgbImage =>
  typeof image === "object" && image !== null && "data" in image && image.data instanceof Uint8Array;

function absoluteUrl(url: string | URL): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch (cause) {
    throw new VisionError("image-unsupported-input", `image: expected a URL, got "${String(url)}"`, { cause });
  }
}

function explain(image: unknown, cause: unknown): string {
  const kind = Object.prototype.toString.call(image).slice(8, -1);
  const detail = cause instanceof Error ? ` (${cause.message})` : "";
  return (
    "image: expected a file, bitmap, image data, image, canvas, video or URL that has loaded and that this page may read; " +
    `got ${kind}${detail}`
  );
}

/** The bitmaps among the messages, to be handed over instead of copied. */
export const bitmapsIn = (messages: readonly ImageMessage[]): ImageBitmap[] =>
  messages.filter((message) => message instanceof ImageBitmap);
