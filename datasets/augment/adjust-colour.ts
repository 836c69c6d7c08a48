import type { RgbImage } from "../../worker/contract/pixels.ts";
import { blendByte } from "./blend.ts";
import { levelTable, mapLevels } from "./map-levels.ts";

// Pillow's ImageEnhance, byte for byte. A factor of 1 leaves the picture as it is.

/** 0: black, 2: twice as bright. */
export function adjustBrightness(image: RgbImage, factor: number): RgbImage {
  const rounded = Math.fround(factor);
  return mapLevels(
    image,
    levelTable((level) => blendByte(0, level, rounded)),
  );
}

/** 0: one grey, the mean of the picture's. */
export function adjustContrast(image: RgbImage, factor: number): RgbImage {
  const rounded = Math.fround(factor);
  const mean = meanGrey(image);
  return mapLevels(
    image,
    levelTable((level) => blendByte(mean, level, rounded)),
  );
}

/** 0: the picture in greys. torchvision's `adjust_saturation`, Pillow's `Color`. */
export function adjustSaturation({ width, height, data }: RgbImage, factor: number): RgbImage {
  const rounded = Math.fround(factor);
  const adjusted = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const grey = greyOf(data, i);
    adjusted[i] = blendByte(grey, data[i]!, rounded);
    adjusted[i + 1] = blendByte(grey, data[i + 1]!, rounded);
    adjusted[i + 2] = blendByte(grey, data[i + 2]!, rounded);
  }
  return { width, height, data: adjusted };
}

/** Pillow's RGB → L: the weights of ITU-R 601-2 in 16 bits behind the point, rounded. */
const greyOf = (data: Uint8Array, at: number): number =>
  (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;

function meanGrey({ data }: RgbImage): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += greyOf(data, i);
  return Math.floor(sum / (data.length / 3) + 0.5);
}
