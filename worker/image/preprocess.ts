import { VisionError } from "../contract/errors.ts";
import type { Rectangle, Size } from "../contract/geometry.ts";
import type { ImageRecipe, RgbImage, SeenArea } from "../contract/pixels.ts";
import { cutOut } from "./cut-out.ts";
import { MAX_PIXELS } from "./limits.ts";
import { normalise } from "./normalise.ts";
import { seenArea } from "./recipe-geometry.ts";
import { resize } from "./resize.ts";

/** A picture as a model takes it. */
export type Preprocessed = {
  readonly pixels: Float32Array; // [height, width, 3]
  readonly size: Size;
  readonly seen: SeenArea;
};

/**
 * Resize → centre crop → rescale → normalise, giving the numbers transformers' image processors give.
 * Throws `image-too-large` where a recipe without a crop would stretch a long, thin picture past 100 megapixels.
 */
export function preprocess(image: RgbImage, recipe: ImageRecipe): Preprocessed {
  const seen = seenArea(image, recipe);
  const { width, height } = seen.crop;
  if (width * height > MAX_PIXELS) {
    const source = `${image.width} × ${image.height}`;
    throw new VisionError(
      "image-too-large",
      `resized picture: wanted at most ${MAX_PIXELS / 1e6} megapixels, got ${width} × ${height} from ${source}; crop it`,
    );
  }
  const cropped = resizeAndCrop(image, recipe, seen);
  return { pixels: normalise(cropped.data, recipe), size: { width, height }, seen };
}

/** Computes only what the crop keeps, so that a very long picture costs no more than a square one. */
function resizeAndCrop(image: RgbImage, recipe: ImageRecipe, { resized, crop }: SeenArea): RgbImage {
  const window = intersect(crop, resized);
  const kept = resize(image, resized, recipe.filter, window);
  return cutOut(kept, { ...crop, left: crop.left - window.left, top: crop.top - window.top });
}

function intersect(crop: Rectangle, size: Size): Rectangle {
  const left = Math.max(crop.left, 0);
  const top = Math.max(crop.top, 0);
  const width = Math.min(crop.left + crop.width, size.width) - left;
  const height = Math.min(crop.top + crop.height, size.height) - top;
  return { left, top, width, height };
}
