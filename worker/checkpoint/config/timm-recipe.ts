import * as v from "valibot";
import type { Size } from "../../contract/geometry.ts";
import { RESIZE_FILTERS, type ImageRecipe, type ResizeTarget } from "../../contract/pixels.ts";
import { checkJson, malformed, positiveInteger, positiveNumber, withoutNulls } from "./check-json.ts";
import { checkChannels, endAtSize } from "./image-recipe.ts";

const schema = v.object({
  input_size: v.optional(v.tuple([positiveInteger, positiveInteger, positiveInteger], "[channels, height, width]")),
  crop_pct: v.optional(positiveNumber, 0.875),
  crop_mode: v.optional(v.picklist(["center", "squash"], "center or squash"), "center"),
  interpolation: v.optional(v.picklist(RESIZE_FILTERS, "the name of a filter"), "bicubic"),
  mean: v.optional(v.array(v.number(), "a list of numbers"), [0.485, 0.456, 0.406]), // of ImageNet
  std: v.optional(v.array(positiveNumber, "a list of numbers above 0"), [0.229, 0.224, 0.225]),
});

/** `pretrained_cfg`, whose fields stand beside the architecture in timm's older files; undefined where there is none. */
export function pretrainedCfgOf(json: Readonly<Record<string, unknown>>): unknown {
  const isFlat =
    (json.pretrained_cfg ?? null) === null && json.architecture !== undefined && json.input_size !== undefined;
  return isFlat ? json : json.pretrained_cfg;
}

/**
 * timm's `pretrained_cfg` → the pixel recipe of its evaluation: the shortest edge to ⌊size / crop_pct⌋ ("squash": both
 * edges), then a centre crop. Absent fields as timm fills them. Throws `config-malformed`.
 */
export function readPretrainedCfg(json: object, imageSize: Size, channels: number, what = "config.json"): ImageRecipe {
  const where = `${what}: pretrained_cfg`;
  const cfg = checkJson(schema, withoutNulls(json), where);
  const [, height, width] = cfg.input_size ?? [channels, imageSize.height, imageSize.width];
  const recipe: ImageRecipe = {
    resize: readResize({ width, height }, cfg.crop_pct, cfg.crop_mode, where),
    filter: cfg.interpolation,
    crop: { width, height, rounding: "half-even" },
    rescale: 1 / 255,
    normalise: { mean: cfg.mean, std: cfg.std },
  };
  checkChannels(recipe, channels, where);
  return endAtSize(recipe, imageSize, where);
}

function readResize(size: Size, cropPct: number, mode: "center" | "squash", where: string): ResizeTarget {
  const scaled = { width: Math.floor(size.width / cropPct), height: Math.floor(size.height / cropPct) };
  if (mode === "squash") return { kind: "exact", ...scaled };
  if (scaled.width === scaled.height) return { kind: "shortest-edge", length: scaled.width, maxLength: null };
  throw malformed(where, "input_size", 'a square with crop_mode "center"', [size.height, size.width]);
}
