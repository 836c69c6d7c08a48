import type { Size } from "../../index.ts";
import { dropAlpha } from "./drop-alpha.ts";
import { setUpright } from "./set-upright.ts";

/** What the worker refuses, the page must not decode either. */
const MOST_PIXELS = 100_000_000;

/** A picture upright on a canvas, opaque as the model sees it, or null where the browser cannot show it. `scale`: 0…1, from its size. */
export const drawPicture = async (picture: Blob, scale: (size: Size) => number): Promise<HTMLCanvasElement | null> => {
  const size = await readSize(picture);
  if (!size || size.width * size.height > MOST_PIXELS) return null;
  const factor = Math.min(1, scale(size));
  const bitmap = await createImageBitmap(picture, {
    resizeWidth: Math.max(1, Math.round(size.width * factor)),
    resizeHeight: Math.max(1, Math.round(size.height * factor)),
    resizeQuality: "medium",
    premultiplyAlpha: "none", // keeps the colours that the model sees and alpha hides
  });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  if (context && picture.type !== "image/jpeg") await dropAlpha(context, bitmap); // JPEG knows no transparency
  bitmap.close();
  return setUpright(canvas, picture);
};

/** For a longest side of so many pixels. */
export const scaleToSide =
  (side: number) =>
  ({ width, height }: Size): number =>
    side / Math.max(width, height);

/** For so many pixels in all. */
export const scaleToPixels =
  (pixels: number) =>
  ({ width, height }: Size): number =>
    Math.sqrt(pixels / (width * height));

/** Browsers read an image element's size from the header, and decode no pixels until it is shown. */
const readSize = async (picture: Blob): Promise<Size | null> => {
  const url = URL.createObjectURL(picture);
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    return { width: image.naturalWidth, height: image.naturalHeight }; // upright, as EXIF says, but of a WebP
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
};
