import type { Rectangle, Size } from "../contract/geometry.ts";
import type { CentreCrop, ImageRecipe, ResizeTarget, SeenArea } from "../contract/pixels.ts";

/**
 * How big a picture becomes before the crop, as transformers' `get_resize_output_image_size` and torchvision's
 * `Resize` say. Where a very long picture would come out 0 pixels thin, and Pillow raises, it is 1 pixel here.
 */
export function resizedSize(source: Size, target: ResizeTarget | null): Size {
  if (target === null) return { width: source.width, height: source.height };
  if (target.kind === "exact") return { width: target.width, height: target.height };
  const portrait = source.width <= source.height;
  const [short, long] = portrait ? [source.width, source.height] : [source.height, source.width];
  let newShort = target.length;
  let newLong = Math.trunc((target.length * long) / short);
  if (target.maxLength !== null && newLong > target.maxLength) {
    newShort = Math.max(1, Math.trunc((target.maxLength * newShort) / newLong));
    newLong = target.maxLength;
  }
  return portrait ? { width: newShort, height: newLong } : { width: newLong, height: newShort };
}

/** Where transformers' or torchvision's `center_crop` cuts; it pads what is too small. */
export function centreCrop(source: Size, crop: CentreCrop | null): Rectangle {
  if (crop === null) return { left: 0, top: 0, ...source };
  const half = crop.rounding === "half-even" ? halfToEven : halfDown;
  return {
    left: half(source.width - crop.width),
    top: half(source.height - crop.height),
    width: crop.width,
    height: crop.height,
  };
}

const halfDown = (margin: number): number => Math.floor(margin / 2);

/** As Python's `round(margin / 2)`: 1 → 0, 3 → 2, 5 → 2; of what is padded the smaller half lies in front: −3 → −1. */
const halfToEven = (margin: number): number =>
  margin < 0 ? halfDown(margin + 1) : halfDown(margin) + (margin % 4 === 3 ? 1 : 0);

/** What the model will see of a picture of this size. */
export function seenArea(source: Size, recipe: ImageRecipe): SeenArea {
  const resized = resizedSize(source, recipe.resize);
  return {
    source: { width: source.width, height: source.height },
    resized,
    crop: centreCrop(resized, recipe.crop),
  };
}

/** The size every picture comes out at; `null` where it depends on the picture. */
export function outputSize({ crop, resize }: ImageRecipe): Size | null {
  if (crop !== null) return { width: crop.width, height: crop.height };
  return resize?.kind === "exact" ? { width: resize.width, height: resize.height } : null;
}
