import * as v from "valibot";
import type { Size } from "../../contract/geometry.ts";
import { RESIZE_FILTERS, type ImageRecipe, type ResizeFilter, type ResizeTarget } from "../../contract/pixels.ts";
import {
  bool,
  checkJson,
  isObject,
  malformed,
  positiveInteger,
  positiveNumber,
  text,
  withoutNulls,
} from "./check-json.ts";
import { checkChannels, endAtSize } from "./image-recipe.ts";

const sizeForms = v.union(
  [
    positiveInteger,
    v.object({ height: positiveInteger, width: positiveInteger }),
    v.pipe(
      v.strictTuple([positiveInteger, positiveInteger]), // in this order, as transformers' get_size_dict reads it
      v.transform(([height, width]) => ({ height, width })),
    ),
    v.object({ shortest_edge: positiveInteger, longest_edge: v.optional(positiveInteger) }),
  ],
  "a whole number above 0, {height, width}, [height, width] or {shortest_edge}",
);
const numbers = (item: v.GenericSchema<unknown, number>) =>
  v.union([item, v.pipe(v.array(item), v.minLength(1))], "a list of numbers, one per channel (deviations above 0)");

const schema = v.object({
  do_resize: v.optional(bool, true),
  size: v.optional(sizeForms),
  resample: v.optional(
    v.union([v.picklist([0, 1, 2, 3, 4, 5]), v.picklist(RESIZE_FILTERS)], "one of 0, 1, 2, 3, 4, 5 (Pillow's filters)"),
  ),
  do_center_crop: v.optional(bool),
  crop_size: v.optional(sizeForms),
  do_rescale: v.optional(bool, true),
  rescale_factor: v.optional(positiveNumber, 1 / 255),
  do_normalize: v.optional(bool, true),
  image_mean: v.optional(numbers(v.number())),
  image_std: v.optional(numbers(positiveNumber)),
  image_processor_type: v.optional(text),
  crop_pct: v.optional(v.unknown()), // of ConvNext's processor, which resizes by a rule of its own
  feature_extractor_type: v.optional(text),
});
type Preprocessor = v.InferOutput<typeof schema>;

/**
 * A `preprocessor_config.json` (parsed) → the pixel recipe; absent fields as transformers fills them. `DeiT…`
 * processors differ from `ViT…` there: 256 × 256 bicubic, then a centre crop of 224. Throws `config-malformed`.
 */
export function readPreprocessor(
  json: unknown,
  imageSize: Size,
  channels: number,
  what = "preprocessor_config.json",
): ImageRecipe {
  const recipe = readSteps(json, imageSize, channels, what);
  checkChannels(recipe, channels, what, "image_");
  return endAtSize(recipe, imageSize, what);
}

/** The size that a preprocessor brings pictures to, of a model that takes any; `imageSize` is what it would default to. */
export function sizeAfterPreprocessor(json: unknown, imageSize: Size, what = "preprocessor_config.json"): Size {
  const { resize, crop } = readSteps(json, imageSize, 3, what);
  if (crop) return crop;
  if (resize === null) return imageSize;
  return resize.kind === "exact" ? resize : { width: resize.length, height: resize.length };
}

function readSteps(json: unknown, imageSize: Size, channels: number, what: string): ImageRecipe {
  if (!isObject(json)) throw malformed(what, null, "an object", json);
  const config = checkJson(schema, withoutNulls(json), what);
  if (config.crop_pct !== undefined)
    throw malformed(what, "crop_pct", "none: give size and crop_size", config.crop_pct);
  const kind = config.image_processor_type ?? config.feature_extractor_type ?? "ViTImageProcessor";
  const deit = kind.startsWith("DeiT");
  const resize = config.do_resize ? readResize(config, deit, /^(CLIP|Bit)/.test(kind), imageSize) : null;
  return {
    resize,
    filter: readFilter(config.resample, deit),
    crop: (config.do_center_crop ?? deit) ? readCrop(config.crop_size, imageSize, what) : null,
    rescale: config.do_rescale ? config.rescale_factor : null,
    normalise: config.do_normalize
      ? { mean: perChannel(config.image_mean, channels), std: perChannel(config.image_std, channels) }
      : null,
  };
}

/** A bare number is a square for ViT's and DeiT's processors, the shortest edge for CLIP's and BiT's. */
function readResize({ size }: Preprocessor, deit: boolean, edgeByNumber: boolean, imageSize: Size): ResizeTarget {
  if (size === undefined) return { kind: "exact", ...(deit ? { width: 256, height: 256 } : imageSize) };
  if (typeof size === "number") {
    if (edgeByNumber) return { kind: "shortest-edge", length: size, maxLength: null };
    return { kind: "exact", width: size, height: size };
  }
  if ("height" in size) return { kind: "exact", width: size.width, height: size.height };
  return { kind: "shortest-edge", length: size.shortest_edge, maxLength: size.longest_edge ?? null };
}

function readFilter(resample: Preprocessor["resample"], deit: boolean): ResizeFilter {
  if (resample === undefined) return deit ? "bicubic" : "bilinear";
  return typeof resample === "number" ? RESIZE_FILTERS[resample] : resample;
}

function readCrop(size: Preprocessor["crop_size"], imageSize: Size, what: string): Size {
  if (size === undefined) return imageSize;
  if (typeof size === "number") return { width: size, height: size };
  if ("height" in size) return { width: size.width, height: size.height };
  throw malformed(what, "crop_size", "a whole number above 0, {height, width} or [height, width]", size);
}

const perChannel = (values: number | readonly number[] | undefined, channels: number): readonly number[] =>
  typeof values === "object" ? values : Array.from({ length: channels }, () => values ?? 0.5);
