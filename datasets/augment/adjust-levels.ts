import type { RgbImage } from "../../worker/contract/pixels.ts";
import { type LevelTable, levelTable, mapLevels } from "./map-levels.ts";

// Functions of Pillow's ImageOps that look every byte up, byte for byte.

/** Keeps the highest `bits` (1 … 8) of each byte. */
export const posterize = (image: RgbImage, bits: number): RgbImage =>
  mapLevels(
    image,
    levelTable((level) => level & (0xff << (8 - bits))),
  );

/** Inverts what is at least `threshold`. */
export const solarize = (image: RgbImage, threshold: number): RgbImage =>
  mapLevels(
    image,
    levelTable((level) => (level < threshold ? level : 255 - level)),
  );

/** Stretches each channel from its darkest … lightest level to 0 … 255. */
export const autocontrast = (image: RgbImage): RgbImage => mapChannels(image, stretched);

/** Maps each channel so that its levels are about equally frequent. */
export const equalize = (image: RgbImage): RgbImage => mapChannels(image, equalized);

const unchanged = (): LevelTable => levelTable((level) => level);

function stretched(histogram: Uint32Array): LevelTable {
  const darkest = histogram.findIndex((count) => count > 0);
  const lightest = histogram.findLastIndex((count) => count > 0);
  if (lightest <= darkest) return unchanged();
  const scale = 255 / (lightest - darkest);
  const offset = -darkest * scale;
  return levelTable((level) => Math.trunc(level * scale + offset));
}

function equalized(histogram: Uint32Array): LevelTable {
  const lightest = histogram.findLastIndex((count) => count > 0);
  const below = histogram.subarray(0, Math.max(lightest, 0)).reduce((sum, count) => sum + count, 0); // pixels
  const step = Math.floor(below / 255);
  if (step === 0) return unchanged();
  let sum = Math.floor(step / 2);
  return levelTable((level) => {
    const become = Math.floor(sum / step);
    sum += histogram[level]!;
    return become;
  });
}

/** Each channel by the table that its own histogram gives. */
function mapChannels(image: RgbImage, tableOf: (histogram: Uint32Array) => LevelTable): RgbImage {
  const [red, green, blue] = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)];
  const { data } = image;
  for (let i = 0; i < data.length; i += 3) {
    red[data[i]!]!++;
    green[data[i + 1]!]!++;
    blue[data[i + 2]!]!++;
  }
  return mapLevels(image, tableOf(red), tableOf(green), tableOf(blue));
}
