import { VisionError } from "../../contract/errors.ts";
import type { TakeRows } from "./take-rows.ts";

const BAND_PIXELS = 2 ** 22; // 16 MB as RGBA, and within every browser's largest canvas

/** Hands out a bitmap's rows, colours multiplied by alpha and divided again; true when all were taken. */
export function readThroughCanvas(bitmap: ImageBitmap, take: TakeRows): boolean {
  const { width, height } = bitmap;
  const rows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / width)));
  const context = new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new VisionError("out-of-memory", `canvas of ${width} × ${rows}: the browser gave none`);
  context.globalCompositeOperation = "copy"; // a band must not shine through the next
  for (let top = 0; top < height; top += rows) {
    context.drawImage(bitmap, 0, -top);
    const band = context.getImageData(0, 0, width, Math.min(rows, height - top));
    if (!take(band.data)) return false;
  }
  return true;
}
