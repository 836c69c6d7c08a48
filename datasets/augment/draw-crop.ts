import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import type { Random } from "../../worker/contract/random.ts";
import { BOX_TRIES, type BoxRange, drawSides, placeBox } from "./draw-box.ts";

/** torchvision's defaults, and those of the Inception networks. */
export const CROP_RANGE: BoxRange = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] };

/**
 * torchvision's `RandomResizedCrop.get_params`: a box of a random share of the picture and a random ratio of width to
 * height. After 10 boxes that do not fit, the middle of the picture, as much as the ratios allow.
 */
export function drawCrop(size: Size, range: BoxRange, random: Random): Rectangle {
  for (let tries = 0; tries < BOX_TRIES; tries++) {
    const [width, height] = drawSides(size, range, random);
    const fits = width > 0 && width <= size.width && height > 0 && height <= size.height;
    if (fits) return placeBox({ width, height }, size, random);
  }
  return middle(size, range);
}

function middle(size: Size, { ratio: [narrowest, widest] }: BoxRange): Rectangle {
  let { width, height } = size;
  if (width / height < narrowest) height = Math.max(1, Math.round(width / narrowest));
  else if (width / height > widest) width = Math.max(1, Math.round(height * widest));
  const left = Math.floor((size.width - width) / 2);
  const top = Math.floor((size.height - height) / 2);
  return { left, top, width, height };
}
