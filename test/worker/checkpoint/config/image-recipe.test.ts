import { describe, expect, test } from "vitest";
import { readRecipe } from "../../../../worker/checkpoint/config/read-folder-config.ts";
import { NO_CONFIG_FILE } from "../../../../worker/checkpoint/config/declared-model.ts";
import { inspectModel } from "../../../../worker/checkpoint/inspect-model.ts";
import { familyRecipe } from "../../../../worker/checkpoint/names/family-recipe.ts";
import { TORCHVISION } from "../../../../worker/checkpoint/names/torchvision.ts";
import { DEIT_3, DINOV2 } from "../../../../worker/checkpoint/names/timm.ts";
import { openModel } from "../../../../worker/checkpoint/open-model.ts";
import type { Size } from "../../../../worker/contract/geometry.ts";
import type { ImageRecipe } from "../../../../worker/contract/pixels.ts";
import { goldenFile } from "../../../setup/golden.ts";
import { expectRefusal } from "../code-of.ts";
import { memoryFolder } from "../scheme-folder.ts";

const square = (side: number) => ({ width: side, height: side });
const exact = (side: number) => ({ kind: "exact", ...square(side) });
const HALF = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const NO_FILES = { model: NO_CONFIG_FILE, assumedLabels: [], page: null };

const recipe = (preprocessor: unknown, imageSize = square(224), channels = 3, config: unknown = null): ImageRecipe =>
  readRecipe({ ...NO_FILES, preprocessor, config }, imageSize, channels);

describe("preprocessor_config.json", () => {
  const vit = { resize: exact(224), filter: "bilinear", crop: null, rescale: 1 / 255, normalise: HALF };
  const deit = {
    image_mean: IMAGENET.mean,
    image_std: IMAGENET.std,
    resample: 3,
    do_center_crop: true,
    crop_size: 224,
  };
  const edge = (length: number, maxLength: number | null = null) => ({ kind: "shortest-edge", length, maxLength });
  test.each([
    ["none of its fields", {}, vit],
    ["nulls", { size: null, image_mean: null, do_center_crop: null }, vit],
    ["an old file, size a number", { feature_extractor_type: "ViTFeatureExtractor", size: 224 }, vit],
    ["height and width", { size: { height: 224, width: 224 } }, vit],
    ["a pair", { size: [224, 224] }, vit],
    [
      "pairs before a crop",
      { size: [256, 320], do_center_crop: true, crop_size: [224, 224] },
      { resize: { kind: "exact", height: 256, width: 320 }, crop: square(224) },
    ],
    [
      "DeiT's old form",
      { feature_extractor_type: "DeiTFeatureExtractor", size: 256, ...deit },
      { resize: exact(256), filter: "bicubic", crop: square(224), rescale: 1 / 255, normalise: IMAGENET },
    ],
    [
      "DeiT's defaults",
      { image_processor_type: "DeiTImageProcessor" },
      { resize: exact(256), filter: "bicubic", crop: square(224), normalise: HALF },
    ],
    [
      "DeiT's new form",
      {
        image_processor_type: "DeiTImageProcessorFast",
        size: { height: 256, width: 256 },
        ...deit,
        crop_size: { height: 224, width: 224 },
      },
      { crop: square(224) },
    ],
    [
      "the shortest edge, then a crop",
      { size: { shortest_edge: 256 }, do_center_crop: true, crop_size: 224 },
      { resize: edge(256), crop: square(224) },
    ],
    [
      "a longest edge",
      { size: { shortest_edge: 256, longest_edge: 400 }, do_center_crop: true, crop_size: 224 },
      { resize: edge(256, 400), crop: square(224) },
    ],
    [
      "the shortest edge without a crop gets one",
      { size: { shortest_edge: 224 } },
      { resize: edge(224), crop: square(224) },
    ],
    [
      "a number for CLIP's processor is the shortest edge",
      { image_processor_type: "CLIPImageProcessor", size: 224, do_center_crop: true },
      { resize: edge(224), crop: square(224) },
    ],
    ["a crop size that is switched off", { size: 224, crop_size: 200, do_center_crop: false }, { crop: null }],
    ["no resize", { do_resize: false }, { resize: null, crop: null }],
    ["no rescale", { do_rescale: false }, { rescale: null }],
    ["another factor", { rescale_factor: 0.5 }, { rescale: 0.5 }],
    ["no normalisation", { do_normalize: false }, { normalise: null }],
    [
      "one number for all channels",
      { image_mean: 0.1, image_std: 0.2 },
      { normalise: { mean: [0.1, 0.1, 0.1], std: [0.2, 0.2, 0.2] } },
    ],
    ["filter 0", { resample: 0 }, { filter: "nearest" }],
    ["filter 1", { resample: 1 }, { filter: "lanczos" }],
    ["filter 2", { resample: 2 }, { filter: "bilinear" }],
    ["filter 3", { resample: 3 }, { filter: "bicubic" }],
    ["filter 4", { resample: 4 }, { filter: "box" }],
    ["filter 5", { resample: 5 }, { filter: "hamming" }],
  ])("%s", (_, preprocessor, wanted) => {
    expect(recipe(preprocessor)).toMatchObject(wanted);
  });

  test.each([
    ["a size that is not the model's", { size: 256 }, "size: wanted the model's image size 224 × 224, got [256,256]"],
    [
      "a crop that is not the model's",
      { do_center_crop: true, crop_size: 200 },
      "crop_size: wanted the model's image size",
    ],
    [
      "a shortest edge that is not the model's",
      { size: { shortest_edge: 256 } },
      "size: wanted the model's image size",
    ],
    ["a size of another form", { size: { longest_edge: 224 } }, "size: wanted a whole number above 0, {height, width}"],
    ["a size of zero", { size: 0 }, "size"],
    ["a pair that is not the model's", { size: [224, 256] }, "got [224,256]"],
    ["a size of three numbers", { size: [3, 224, 224] }, "size: wanted a whole number above 0"],
    ["a filter that Pillow has not", { resample: 6 }, "resample: wanted one of 0, 1, 2, 3, 4, 5"],
    ["two means", { image_mean: [0.5, 0.5] }, "image_mean: wanted one number for each of 3 channels, got [0.5,0.5]"],
    ["four deviations", { image_std: [1, 1, 1, 1] }, "image_std: wanted one number for each of 3 channels"],
    ["a deviation of zero", { image_std: [0.5, 0, 0.5] }, "image_std"],
    ["ConvNext's own way to resize", { size: { shortest_edge: 224 }, crop_pct: 0.875 }, "crop_pct: wanted none"],
    ["a switch that is a word", { do_resize: "yes" }, "do_resize: wanted true or false"],
    ["a list", [], "preprocessor_config.json"],
  ])("%s is refused", async (_, preprocessor, words) => {
    await expectRefusal(() => recipe(preprocessor), "config-malformed", "preprocessor_config.json", words);
  });

  test("oblong models and other channel counts", () => {
    const size = { width: 40, height: 48 };
    // transformers' get_size_dict((48, 40)) → {"height": 48, "width": 40}
    expect(recipe({ size: [48, 40] }, size)).toMatchObject({ resize: { kind: "exact", ...size } });
    expect(recipe({ size: { height: 48, width: 40 } }, size, 1)).toMatchObject({
      resize: { kind: "exact", ...size },
      normalise: { mean: [0.5], std: [0.5] },
    });
  });
});

describe("timm's pretrained_cfg", () => {
  const timm = (pretrained_cfg: object, imageSize = square(224)) => recipe(null, imageSize, 3, { pretrained_cfg });
  test.each([
    [0.9, 224, 248], // timm's own figures: ⌊224 / 0.9⌋
    [0.875, 224, 256],
    [0.95, 224, 235],
    [1, 384, 384],
    [0.9, 32, 35],
  ])("crop_pct %f of %i pixels resizes to %i", (crop_pct, side, length) => {
    expect(timm({ crop_pct, input_size: [3, side, side] }, square(side))).toMatchObject({
      resize: { kind: "shortest-edge", length, maxLength: null },
      crop: square(side),
    });
  });

  test("absent fields are timm's defaults", () => {
    expect(timm({ input_size: null })).toEqual({
      resize: { kind: "shortest-edge", length: 256, maxLength: null },
      filter: "bicubic",
      crop: { ...square(224), rounding: "half-even" },
      rescale: 1 / 255,
      normalise: IMAGENET,
    });
  });

  test("its fields beside the architecture, as older files have them", () => {
    const flat = { architecture: "vit_tiny_patch16_224", crop_pct: 0.9, input_size: [3, 224, 224], ...HALF };
    expect(recipe(null, square(224), 3, flat)).toEqual(timm({ crop_pct: 0.9, input_size: [3, 224, 224], ...HALF }));
  });

  test("squash resizes both edges", () => {
    expect(timm({ crop_mode: "squash", crop_pct: 0.9, interpolation: "bilinear", ...HALF })).toMatchObject({
      resize: exact(248),
      filter: "bilinear",
      crop: square(224),
      normalise: HALF,
    });
  });

  test.each([
    [{ input_size: [3, 256, 256] }, "crop_size: wanted the model's image size 224 × 224"],
    [{ input_size: [224, 224] }, "input_size"],
    [{ crop_mode: "border" }, "crop_mode: wanted center or squash"],
    [{ interpolation: "random" }, "interpolation"],
    [{ crop_pct: 0 }, "crop_pct"],
    [{ mean: [0.5] }, "mean: wanted one number for each of 3 channels"],
  ])("%j is refused", async (cfg, words) => {
    await expectRefusal(() => timm(cfg), "config-malformed", "pretrained_cfg", words);
  });

  test("a preprocessor file goes before it", () => {
    expect(recipe({ size: 224 }, square(224), 3, { pretrained_cfg: { crop_pct: 0.5 } }).crop).toBeNull();
  });
});

describe("weights that come without a recipe", () => {
  const alone = (imageSize: Size, channels = 3, { patch = 16, hiddenSize = 768, scheme = TORCHVISION } = {}) => {
    const family = familyRecipe(scheme, { imageSize, channels, patchSize: square(patch), hiddenSize });
    return readRecipe({ ...NO_FILES, preprocessor: null, config: null }, imageSize, channels, family);
  };

  test("of torchvision take pictures as its presets do", () => {
    // torchvision.transforms._presets.ImageClassification(crop_size=224), whose resize_size is 256
    expect(alone(square(224))).toEqual({
      resize: { kind: "shortest-edge", length: 256, maxLength: null },
      filter: "bilinear",
      crop: { width: 224, height: 224, rounding: "half-even" },
      rescale: 1 / 255,
      normalise: IMAGENET,
    });
  });

  test.each([
    ["ViT_B_16_Weights.IMAGENET1K_V1", 16, 768, 224, 256, "bilinear"],
    ["ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1", 16, 768, 384, 384, "bicubic"],
    ["ViT_B_32_Weights.IMAGENET1K_V1", 32, 768, 224, 256, "bilinear"],
    ["ViT_L_16_Weights.IMAGENET1K_V1", 16, 1024, 224, 242, "bilinear"],
    ["ViT_L_16_Weights.IMAGENET1K_SWAG_E2E_V1", 16, 1024, 512, 512, "bicubic"],
    ["ViT_L_32_Weights.IMAGENET1K_V1", 32, 1024, 224, 256, "bilinear"],
    ["ViT_H_14_Weights.IMAGENET1K_SWAG_E2E_V1", 14, 1280, 518, 518, "bicubic"],
    ["ViT_H_14_Weights.IMAGENET1K_SWAG_LINEAR_V1", 14, 1280, 224, 224, "bicubic"],
  ] as const)("of torchvision's %s resize as its transforms do", (_, patch, hiddenSize, side, length, filter) => {
    // torchvision/models/vision_transformer.py, the transforms of each
    const found = alone(square(side), 3, { patch, hiddenSize });
    expect(found).toMatchObject({ resize: { kind: "shortest-edge", length, maxLength: null }, filter });
    expect(found).toMatchObject({ crop: square(side), normalise: IMAGENET });
  });

  test.each([DINOV2, DEIT_3])("of $title take them whole", (scheme) => {
    expect(alone(square(224), 3, { scheme })).toMatchObject({
      resize: { kind: "shortest-edge", length: 224 },
      filter: "bicubic",
      normalise: IMAGENET,
    });
  });

  test("of another kind of picture are not torchvision's own", () => {
    expect(alone(square(224), 1)).toEqual(recipe(null, square(224), 1));
    expect(alone({ width: 40, height: 48 })).toEqual(recipe(null, { width: 40, height: 48 }, 3));
  });

  test("are opened so", async () => {
    const weights = { "model.safetensors": await goldenFile("vit-torchvision/model.safetensors") };
    const folder = memoryFolder({ ...weights, "config.json": { num_attention_heads: 4 } });
    expect(await openModel(folder)).toMatchObject({ recipe: alone(square(32)), recipeAssumed: false });
    expect((await inspectModel(folder)).notes).toContainEqual(expect.stringContaining("as torchvision prepares"));
  });

  test("of an oblong model are said to be prepared as Hugging Face's", async () => {
    const weights = { "model.safetensors": await goldenFile("vit-torchvision/model.safetensors") };
    const oblong = { num_attention_heads: 4, image_size: [64, 16], patch_size: 8 }; // as many patches as 32 × 32
    const folder = memoryFolder({ ...weights, "config.json": oblong });
    const imageSize = { width: 16, height: 64 };
    expect(await openModel(folder)).toMatchObject({ recipe: recipe(null, imageSize), recipeAssumed: true });
    const { notes, problems } = await inspectModel(folder);
    expect(problems).toEqual([]);
    expect(notes).toContainEqual(expect.stringContaining("as Hugging Face's ViT"));
    expect(notes).not.toContainEqual(expect.stringContaining("as torchvision prepares"));
  });
});

test("no recipe at all: squeezed to the model's size, −1…1", () => {
  expect(recipe(null, { width: 40, height: 48 }, 1)).toEqual({
    resize: { kind: "exact", width: 40, height: 48 },
    filter: "bilinear",
    crop: null,
    rescale: 1 / 255,
    normalise: { mean: [0.5], std: [0.5] },
  });
});
