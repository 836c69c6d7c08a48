import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import type { Random } from "../../worker/contract/random.ts";
import { BOX_TRIES, type BoxRange, drawSides, placeBox } from "./draw-box.ts";

/** torchvision's defaults; here `ratio` is height to width. */
const ERASED_RANGE: BoxRange = { scale: [0.02, 0.33], ratio: [0.3, 3.3] };

type Colour = readonly [red: number, green: number, blue: number];

/**
 * torchvision's `RandomErasing` (Zhong et al., https://arxiv.org/abs/1708.04896): with a probability of `probability`,
 * one box of a picture `[height, width, 3]`, bytes or normalised, becomes `colour`. Writes into `pixels`.
 */
export function eraseAtRandom(
  pixels: Uint8Array | Float32Array,
  size: Size,
  probability: number,
  colour: Colour,
  random: Random,
): void {
  if (random() >= probability) return;
  const box = drawErased(size, random);
  if (box === null) return;
  for (let y = box.top; y < box.top + box.height; y++) {
    const first = (y * size.width + box.left) * 3;
    for (let i = first; i < first + box.width * 3; i += 3) pixels.set(colour, i);
  }
}

/** Smaller than the picture both ways; `null` after 10 boxes that are not. */
export function drawErased(size: Size, random: Random, range = ERASED_RANGE): Rectangle | null {
  for (let tries = 0; tries < BOX_TRIES; tries++) {
    const [height, width] = drawSides(size, range, random);
    if (width < size.width && height < size.height) return placeBox({ width, height }, size, random);
  }
  return null;
}
