/**
 * Makes what was drawn from `bitmap` opaque, in the bitmap's own colours. A canvas loses colours where alpha is small;
 * a video frame keeps them, and where the browser has none the canvas's are taken as they are.
 */
export const dropAlpha = async (context: CanvasRenderingContext2D, bitmap: ImageBitmap): Promise<void> => {
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
  if (isOpaque(pixels.data)) return;
  await copyColours(bitmap, pixels.data).catch(() => undefined);
  for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 255;
  context.putImageData(pixels, 0, 0);
};

const isOpaque = (rgba: Uint8ClampedArray): boolean => {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
};

/** In the frame's own format: converting to another multiplies by alpha. */
const copyColours = async (bitmap: ImageBitmap, rgba: Uint8ClampedArray<ArrayBuffer>): Promise<void> => {
  const frame = new VideoFrame(bitmap, { timestamp: 0, alpha: "discard" });
  try {
    const order = frame.format?.slice(0, 3);
    if (order !== "RGB" && order !== "BGR") return;
    await frame.copyTo(rgba, { layout: [{ offset: 0, stride: 4 * bitmap.width }] });
    if (order === "BGR") swapRedAndBlue(rgba);
  } finally {
    frame.close();
  }
};

const swapRedAndBlue = (pixels: Uint8ClampedArray): void => {
  for (let i = 0; i < pixels.length; i += 4) [pixels[i], pixels[i + 2]] = [pixels[i + 2]!, pixels[i]!];
};
