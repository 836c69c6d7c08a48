import type { RgbImage } from "../../worker/contract/pixels.ts";
import { blendByte } from "./blend.ts";

/** Pillow's `ImageEnhance.Sharpness`, byte for byte. 0: smoothed, 1: as it is, 2: sharpened. */
export function adjustSharpness(image: RgbImage, factor: number): RgbImage {
  const rounded = Math.fround(factor);
  const { width, height, data } = image;
  const adjusted = data.slice(); // the outermost pixels stay
  const row = width * 3;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++)
      adjusted[i] = blendByte(smooth(data, i, row), data[i]!, rounded);
  }
  return { width, height, data: adjusted };
}

/**
 * One byte of Pillow's `ImageFilter.SMOOTH`: the mean of 3 × 3 in which the middle counts 5 times, rounded. No such mean
 * comes nearer to a half than 1 / 26, so Pillow's float32 sums round as these whole numbers do.
 */
function smooth(data: Uint8Array, i: number, row: number): number {
  const above = data[i - row - 3]! + data[i - row]! + data[i - row + 3]!;
  const beside = data[i - 3]! + 5 * data[i]! + data[i + 3]!;
  const below = data[i + row - 3]! + data[i + row]! + data[i + row + 3]!;
  return ((2 * (above + beside + below) + 13) / 26) | 0;
}
