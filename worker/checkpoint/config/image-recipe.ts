import type { Size } from "../../contract/geometry.ts";
import type { ImageRecipe } from "../../contract/pixels.ts";
import { malformed } from "./check-json.ts";

/** Where a folder has no recipe: squeeze to the model's size, −1…1, as Hugging Face's ViT does. */
export const defaultRecipe = (imageSize: Size, channels: number): ImageRecipe => ({
  resize: { kind: "exact", ...imageSize },
  filter: "bilinear",
  crop: null,
  rescale: 1 / 255,
  normalise: { mean: Array.from({ length: channels }, () => 0.5), std: Array.from({ length: channels }, () => 0.5) },
});

/**
 * The recipe, certain to end at the model's size. A shortest-edge resize to that size without a crop would leave
 * oblong pictures oblong, which no ViT takes: the crop is added. Throws `config-malformed` for any other size.
 */
export function endAtSize(recipe: ImageRecipe, imageSize: Size, what: string): ImageRecipe {
  const { resize, crop } = recipe;
  if (crop) return expectSize(crop, imageSize, what, "crop_size", recipe);
  if (resize === null) return recipe; // pictures must come in the model's size; the model checks
  if (resize.kind === "exact") return expectSize(resize, imageSize, what, "size", recipe);
  const squared = { width: resize.length, height: resize.length };
  return expectSize(squared, imageSize, what, "size", { ...recipe, crop: squared });
}

function expectSize(got: Size, wanted: Size, what: string, field: string, recipe: ImageRecipe): ImageRecipe {
  if (got.width === wanted.width && got.height === wanted.height) return recipe;
  throw malformed(what, field, `the model's image size ${wanted.height} × ${wanted.width}`, [got.height, got.width]);
}

/** Throws `config-malformed` unless there is one mean and one deviation for each channel. `prefix` begins the fields' names. */
export function checkChannels({ normalise }: ImageRecipe, channels: number, what: string, prefix = ""): void {
  for (const [field, numbers] of Object.entries(normalise ?? {})) {
    if (numbers.length === channels) continue;
    throw malformed(what, prefix + field, `one number for each of ${channels} channels`, numbers);
  }
}
