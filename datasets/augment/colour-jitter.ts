import { shuffle } from "../../worker/contract/draw.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { Random } from "../../worker/contract/random.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./adjust-colour.ts";
import { adjustHue } from "./adjust-hue.ts";
import { drawBetween } from "./draw.ts";

/** How far each may go. 0 leaves it out. */
export type ColourJitter = {
  readonly brightness: number; // factors from max(0, 1 − this) to 1 + this
  readonly contrast: number; // as brightness
  readonly saturation: number; // as brightness
  readonly hue: number; // turns from −this to this; at most 0.5
};

/** torchvision's `ColorJitter`: brightness, contrast, saturation and hue changed at random, in random order. */
export function jitterColours(image: RgbImage, jitter: ColourJitter, random: Random): RgbImage {
  const order = shuffle([0, 1, 2, 3], random);
  const brightness = drawFactor(random, jitter.brightness);
  const contrast = drawFactor(random, jitter.contrast);
  const saturation = drawFactor(random, jitter.saturation);
  const turns = jitter.hue === 0 ? null : drawBetween(random, [-jitter.hue, jitter.hue]);
  const steps = [
    (from: RgbImage) => (brightness === null ? from : adjustBrightness(from, brightness)),
    (from: RgbImage) => (contrast === null ? from : adjustContrast(from, contrast)),
    (from: RgbImage) => (saturation === null ? from : adjustSaturation(from, saturation)),
    (from: RgbImage) => (turns === null ? from : adjustHue(from, turns)),
  ];
  return order.reduce((picture, step) => steps[step]!(picture), image);
}

const drawFactor = (random: Random, most: number): number | null =>
  most === 0 ? null : drawBetween(random, [Math.max(0, 1 - most), 1 + most]);
