import { drawBelow } from "../../worker/contract/draw.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { Random } from "../../worker/contract/random.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./adjust-colour.ts";
import { autocontrast, equalize, posterize, solarize } from "./adjust-levels.ts";
import { adjustSharpness } from "./adjust-sharpness.ts";
import { rotate, shearX, shearY, translate } from "./warp.ts";

const BINS = 31;

type Change = {
  readonly change: (image: RgbImage, magnitude: number) => RgbImage;
  readonly magnitudes: readonly number[] | null; // [31], or none to choose from
  readonly signed: boolean; // half the magnitudes are drawn negative
};

const signed = (change: Change["change"], most: number): Change => ({
  change,
  magnitudes: evenSteps(0, most),
  signed: true,
});
const plain = (change: Change["change"], magnitudes: Change["magnitudes"] = null): Change => ({
  change,
  magnitudes,
  signed: false,
});

/** In torchvision's order. */
const CHANGES: readonly Change[] = [
  plain((image) => image),
  signed(shearX, 0.99),
  signed(shearY, 0.99),
  signed((image, pixels) => translate(image, Math.trunc(pixels), 0), 32),
  signed((image, pixels) => translate(image, 0, Math.trunc(pixels)), 32),
  signed(rotate, 135), // degrees
  signed((image, more) => adjustBrightness(image, 1 + more), 0.99),
  signed((image, more) => adjustSaturation(image, 1 + more), 0.99),
  signed((image, more) => adjustContrast(image, 1 + more), 0.99),
  signed((image, more) => adjustSharpness(image, 1 + more), 0.99),
  plain(
    posterize,
    Array.from({ length: BINS }, (_, bin) => 8 - Math.round(bin / ((BINS - 1) / 6))), // 8 bits … 2
  ),
  plain(solarize, evenSteps(255, 0)),
  plain(autocontrast),
  plain(equalize),
];

/**
 * torchvision's `TrivialAugmentWide` of a PIL picture (Müller and Hutter, https://arxiv.org/abs/2103.10158): one of 14
 * changes, one of 31 magnitudes, one of both signs, each as likely. The size stays; black comes in from outside.
 */
export function augmentTrivially(image: RgbImage, random: Random): RgbImage {
  const { change, magnitudes, signed } = CHANGES[drawBelow(CHANGES.length, random)]!;
  const magnitude = magnitudes === null ? 0 : magnitudes[drawBelow(BINS, random)]!;
  const sign = signed && drawBelow(2, random) === 1 ? -1 : 1;
  return change(image, sign * magnitude);
}

/**
 * `torch.linspace` in float32, from both ends towards the middle. On processors with fused multiply-add two of torch's
 * steps to 0.99 differ in their last bit from these, and from torch's own elsewhere.
 */
function evenSteps(first: number, last: number): number[] {
  const [start, end] = [Math.fround(first), Math.fround(last)];
  const step = Math.fround((end - start) / (BINS - 1));
  return Array.from({ length: BINS }, (_, bin) =>
    bin < Math.floor(BINS / 2)
      ? Math.fround(start + Math.fround(step * bin))
      : Math.fround(end - Math.fround(step * (BINS - 1 - bin))),
  );
}
