import { RESIZE_FILTERS, type ImageRecipe, type ResizeTarget } from "../../contract/pixels.ts";
import type { Size } from "../../contract/geometry.ts";
import { checkChannels, endAtSize } from "../config/image-recipe.ts";

const WHAT = "preprocessor_config.json";

/**
 * A pixel recipe in the fields of a `preprocessor_config.json`: what `readPreprocessor` reads, backwards.
 *
 * A crop's rounding has no field: transformers rounds half of an odd margin down, so a recipe of timm's is cut up to
 * one pixel off. Throws `config-malformed` for a recipe that does not end at the model's size and channels.
 */
export function writePreprocessor(recipe: ImageRecipe, imageSize: Size, channels: number): Record<string, unknown> {
  checkChannels(recipe, channels, WHAT, "image_");
  const { resize, filter, crop, rescale, normalise } = endAtSize(recipe, imageSize, WHAT);
  return {
    image_processor_type: processorFor(resize, crop),
    do_resize: resize !== null,
    size: resize === null ? sides(imageSize) : sizeField(resize),
    resample: RESIZE_FILTERS.indexOf(filter),
    ...(crop && { do_center_crop: true, crop_size: sides(crop) }),
    do_rescale: rescale !== null,
    ...(rescale !== null && { rescale_factor: rescale }),
    do_normalize: normalise !== null,
    ...(normalise && { image_mean: normalise.mean, image_std: normalise.std }),
  };
}

/**
 * The class of transformers that does these steps: ViT's does not crop, DeiT's crops but knows no shortest edge, CLIP's
 * does both. (A longest edge beside the shortest is kept by its fast form alone.)
 */
function processorFor(resize: ResizeTarget | null, crop: Size | null): string {
  if (resize?.kind === "shortest-edge") return "CLIPImageProcessor";
  return crop ? "DeiTImageProcessor" : "ViTImageProcessor";
}

const sizeField = (resize: ResizeTarget): Record<string, number> =>
  resize.kind === "exact"
    ? sides(resize)
    : { shortest_edge: resize.length, ...(resize.maxLength !== null && { longest_edge: resize.maxLength }) };

const sides = ({ height, width }: Size): Record<string, number> => ({ height, width });
