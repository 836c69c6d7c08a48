import type { RgbImage } from "../../worker/contract/pixels.ts";

/** What each of the 256 levels becomes. */
export type LevelTable = Uint8ClampedArray; // [256]

/** Numbers are clipped to 0 … 255, those behind the point must be cut off by `become`. */
export const levelTable = (become: (level: number) => number): LevelTable =>
  Uint8ClampedArray.from({ length: 256 }, (_, level) => become(level));

/** Pillow's `Image.point`: every byte looked up, in one table for all channels or in one for each. */
export function mapLevels(image: RgbImage, red: LevelTable, green = red, blue = red): RgbImage {
  const { width, height, data } = image;
  const mapped = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    mapped[i] = red[data[i]!]!;
    mapped[i + 1] = green[data[i + 1]!]!;
    mapped[i + 2] = blue[data[i + 2]!]!;
  }
  return { width, height, data: mapped };
}
