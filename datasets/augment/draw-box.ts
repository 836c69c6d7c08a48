import { drawBelow } from "../../worker/contract/draw.ts";
import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import type { Random } from "../../worker/contract/random.ts";
import { drawBetween, type Range } from "./draw.ts";

/** Which boxes may be drawn. */
export type BoxRange = {
  readonly scale: Range; // share of the picture's area
  readonly ratio: Range; // one side to the other; as likely below as above 1 where the ends are reciprocal
};

export const BOX_TRIES = 10; // torchvision's, for RandomResizedCrop and RandomErasing alike

/** Two sides whose product is a share in `scale` of the picture's area, and whose quotient lies in `ratio`, rounded. */
export function drawSides({ width, height }: Size, { scale, ratio }: BoxRange, random: Random): [number, number] {
  const area = width * height * drawBetween(random, scale);
  const quotient = Math.exp(drawBetween(random, [Math.log(ratio[0]), Math.log(ratio[1])]));
  return [Math.round(Math.sqrt(area * quotient)), Math.round(Math.sqrt(area / quotient))];
}

/** Anywhere in the picture, each place as likely. */
export function placeBox(box: Size, { width, height }: Size, random: Random): Rectangle {
  const top = drawBelow(height - box.height + 1, random);
  const left = drawBelow(width - box.width + 1, random);
  return { left, top, width: box.width, height: box.height };
}
