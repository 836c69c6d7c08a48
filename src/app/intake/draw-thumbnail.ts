import { dropAlpha } from "./drop-alpha.ts";

/** Longest side of a thumbnail: sharp on a phone's screen, and 1 MB as pixels at most. */
const LONGEST_SIDE = 640; // pixels

/** What the worker refuses, the page must not decode either. */
const MOST_PIXELS = 100_000_000;

/** A small upright copy, opaque as the model sees it, or null where the browser cannot show the picture. Never keeps the full-size pixels. */
export const drawThumbnail = async (picture: Blob): Promise<Blob | null> => {
  const size = await readSize(picture);
  if (!size || size.width * size.height > MOST_PIXELS) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(size.width, size.height));
  const bitmap = await createImageBitmap(picture, {
    resizeWidth: Math.max(1, Math.round(size.width * scale)),
    resizeHeight: Math.max(1, Math.round(size.height * scale)),
    resizeQuality: "medium",
    premultiplyAlpha: "none", // keeps the colours that the model sees and alpha hides
  });
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  if (context) await dropAlpha(context, bitmap);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
};

/** Browsers read an image element's size from the header, and decode no pixels until it is shown. */
const readSize = async (picture: Blob): Promise<{ width: number; height: number } | null> => {
  const url = URL.createObjectURL(picture);
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    return { width: image.naturalWidth, height: image.naturalHeight }; // upright, as EXIF says
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
};
