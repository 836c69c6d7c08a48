import type { Size } from "../../worker/contract/geometry.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import { cutOut } from "../../worker/image/cut-out.ts";
import { resize } from "../../worker/image/resize.ts";
import type { Random } from "../../worker/contract/random.ts";
import { type ColourJitter, jitterColours } from "./colour-jitter.ts";
import type { BoxRange } from "./draw-box.ts";
import { CROP_RANGE, drawCrop } from "./draw-crop.ts";
import { eraseAtRandom } from "./erase.ts";
import { flipHorizontally } from "./flip.ts";
import { augmentTrivially } from "./trivial-augment.ts";

/** What is done to a picture each time it is trained on: data only, as a recipe file holds it. */
export type AugmentRecipe = {
  readonly crop: BoxRange | null; // null: the whole picture
  readonly flip: number; // probability
  readonly jitter: ColourJitter | null;
  readonly trivial: boolean;
  readonly erase: number; // probability
};

/** torchvision's preset for training on ImageNet, without its extras. */
export const AUGMENT_DEFAULTS: AugmentRecipe = { crop: CROP_RANGE, flip: 0.5, jitter: null, trivial: false, erase: 0 };

/** ImageNet's mean, which is what the 0 of a picture that has been normalised stands for. */
const MEAN_COLOUR = [124, 116, 104] as const;

/**
 * Crop → resize to `size`, bilinear → flip → jitter → TrivialAugment → erase. The picture handed in stays as it is, and
 * the same `random` gives the same bytes. For a model with another mean than ImageNet's, leave `erase` at 0 and call
 * `eraseAtRandom` with 0 on what has been normalised.
 */
export function augment(image: RgbImage, recipe: AugmentRecipe, random: Random, size: Size = image): RgbImage {
  const part = recipe.crop === null ? image : cutOut(image, drawCrop(image, recipe.crop, random));
  let picture = resize(part, { width: size.width, height: size.height }, "bilinear"); // always a copy
  if (random() < recipe.flip) picture = flipHorizontally(picture);
  if (recipe.jitter !== null) picture = jitterColours(picture, recipe.jitter, random);
  if (recipe.trivial) picture = augmentTrivially(picture, random);
  eraseAtRandom(picture.data, picture, recipe.erase, MEAN_COLOUR, random);
  return picture;
}
