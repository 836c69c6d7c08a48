import type { ImageMessage, ImageOfMany } from "../../worker/contract/api.ts";
import { atImage, VisionError } from "../../worker/contract/errors.ts";
import { kindOf } from "../../worker/contract/expect-object.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { ImageInput, ImageInputs } from "./vision.ts";

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
    return await grab(isImageElement(image) ? await loaded(image) : image, VIDEO_TRIES);
  } catch (cause) {
    throw new VisionError("image-unsupported-input", explain(image, cause), { cause });
  }
}

/** What a page puts off until it is scrolled to is asked for now: Chromium would wait for that, Firefox refuses it. */
async function loaded(image: HTMLImageElement): Promise<HTMLImageElement> {
  let there = image;
  if (image.loading === "lazy" && !image.complete) {
    there = new Image();
    there.crossOrigin = image.crossOrigin;
    there.src = image.currentSrc || image.src;
  }
  await there.decode();
  return there;
}

/** Of a video that has just begun: Chromium refuses the first frame of a camera, though it is on the screen. */
const VIDEO_TRIES = 5;
const NEXT_FRAME = 50; // milliseconds

async function grab(image: Exclude<ImageInput, Blob | RgbImage | URL | string>, tries: number): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(image, UNTOUCHED);
  } catch (error) {
    const early = image instanceof HTMLVideoElement && (error as Error).name === "InvalidStateError";
    if (!early || image.readyState < image.HAVE_CURRENT_DATA || tries === 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, NEXT_FRAME));
    return grab(image, tries - 1);
  }
}

/** Also one of a frame in the page, whose classes are not this page's. */
const isImageElement = (image: ImageInput): image is HTMLImageElement => kindOf(image) === "HTMLImageElement";

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
  const kind = kindOf(image);
  const detail = cause instanceof Error && image instanceof EventTarget ? ` (${cause.message})` : ""; // of an element
  const instead = INSTEAD[kind] ?? (ArrayBuffer.isView(image) ? INSTEAD.ArrayBuffer : undefined);
  return (
    "image: expected a file, bitmap, image data, image, canvas, video or URL that has loaded and that this page may read; " +
    `got ${kind}${detail}${instead ? `; pass ${instead}` : ""}`
  );
}

/** What to pass in place of what people have at hand. */
const INSTEAD: Readonly<Record<string, string>> = {
  ArrayBuffer: "a file's bytes as new Blob([bytes])",
  Response: "await response.blob()",
};

export const isList = (input: ImageInput | ImageInputs): input is ImageInputs =>
  Array.isArray(input) || kindOf(input) === "FileList";

/** The pictures of one class. Throws `invalid-argument` for what is no list; callers without types may pass anything. */
export function expectImages(what: string, images: ImageInputs | undefined): ImageInput[] {
  if (images && isList(images)) return [...images];
  throw new VisionError("invalid-argument", `${what}: expected a list of pictures, got ${kindOf(images)}`);
}

/** Bitmaps that are made at once; of more pictures each is made when its turn comes. A worker's batch and the next. */
const AT_ONCE = 16;

/** The same for several pictures; where one of them is none, no bitmap of the others is left. */
export async function imageMessages(images: readonly ImageInput[]): Promise<ImageOfMany[]> {
  const later = images.length > AT_ONCE;
  const made = await Promise.allSettled(
    images.map(async (image) => (later && isDecoded(image) ? null : imageMessage(image))),
  );
  const messages = made.map((one) => (one.status === "fulfilled" ? one.value : null));
  for (const [index, one] of made.entries()) {
    if (one.status === "fulfilled") continue;
    closeBitmaps(messages);
    throw atImage(one.reason, index, images.length);
  }
  return messages;
}

/** Whether it would cross as a bitmap. */
const isDecoded = (image: ImageInput): boolean =>
  !(typeof image === "string" || image instanceof URL || image instanceof Blob || isRgbImage(image));

/** The bitmaps among the messages, to be handed over instead of copied. */
export const bitmapsIn = (messages: readonly ImageOfMany[]): ImageBitmap[] =>
  messages.filter((message) => message instanceof ImageBitmap);

/** Those that were handed over are not here any more. */
export const closeBitmaps = (messages: readonly ImageOfMany[]): void =>
  bitmapsIn(messages).forEach((bitmap) => bitmap.close());
