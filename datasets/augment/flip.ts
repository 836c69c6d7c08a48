import type { RgbImage } from "../../worker/contract/pixels.ts";

/** The picture as a mirror shows it, left for right. */
export function flipHorizontally({ width, height, data }: RgbImage): RgbImage {
  const flipped = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    let from = y * width * 3;
    for (let to = from + (width - 1) * 3; to >= y * width * 3; to -= 3, from += 3) {
      flipped[to] = data[from]!;
      flipped[to + 1] = data[from + 1]!;
      flipped[to + 2] = data[from + 2]!;
    }
  }
  return { width, height, data: flipped };
}
