import type { Rectangle } from "../contract/geometry.ts";
import type { RgbImage } from "../contract/pixels.ts";

/** A copy of one rectangle of a picture; black where the rectangle reaches past the edges. */
export function cutOut(image: RgbImage, { left, top, width, height }: Rectangle): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const from = Math.max(left, 0);
  const to = Math.min(left + width, image.width);
  if (from >= to) return { width, height, data };
  for (let y = Math.max(top, 0); y < Math.min(top + height, image.height); y++) {
    const row = y * image.width;
    data.set(image.data.subarray((row + from) * 3, (row + to) * 3), ((y - top) * width + from - left) * 3);
  }
  return { width, height, data };
}
