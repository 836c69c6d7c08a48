import { VisionError } from "../../../worker/contract/errors.ts";
import type { Size } from "../../../worker/contract/geometry.ts";
import type { ImageRecipe } from "../../../worker/contract/pixels.ts";
import type { Random } from "../../../worker/contract/random.ts";
import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import type { EncoderConfig } from "../../../worker/models/encoder/config.ts";
import type { VitConfig } from "../../../worker/models/vit/config.ts";
import { initialAttentionCnn } from "../../../worker/training/attention-cnn/initial-attention-cnn.ts";
import { initialVit } from "../../../worker/training/vit/initial-vit.ts";
import type { RecipeModel } from "./recipe-file.ts";
import type { StartingModel } from "./starting-model.ts";

/** Of each colour, in 0…1. */
export type Normalisation = NonNullable<ImageRecipe["normalise"]>;

/** Pixels in −1…1, as Hugging Face's ViT has them. */
export const HALF: Normalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

type NewVit = Extract<RecipeModel, { kind: "vit" }>;
type NewAttentionCnn = Extract<RecipeModel, { kind: "attention-cnn" }>;

/** A model of these measures that has learned nothing. Throws `training-recipe` for measures that do not fit together. */
export function newModel(
  model: NewVit | NewAttentionCnn,
  classes: readonly string[],
  normalisation: Normalisation,
  random: Random,
): StartingModel {
  const shape: EncoderConfig =
    model.kind === "vit"
      ? { type: "vit", config: vitOf(model, classes.length) }
      : { type: "attention-cnn", config: attentionCnnOf(model, classes.length) };
  const values = shape.type === "vit" ? initialVit(shape.config, random) : initialAttentionCnn(shape.config, random);
  return {
    ...shape,
    name: `new ${model.kind}`,
    recipe: plainRecipe(shape.config.imageSize, normalisation),
    labels: classes,
    rawConfig: null,
    read: (name) => values.get(name)!,
  };
}

function vitOf(model: NewVit, classes: number): VitConfig {
  const { imageSize, patchSize, hiddenSize, layers, heads, intermediateSize, activation } = model;
  if (hiddenSize % heads !== 0) {
    throw unfit("hiddenSize", `a multiple of ${heads} heads`, hiddenSize);
  }
  if (imageSize % patchSize !== 0) {
    throw unfit("imageSize", `a multiple of patches of ${patchSize} pixels`, imageSize);
  }
  return {
    imageSize: square(imageSize),
    patchSize: square(patchSize),
    channels: 3,
    hiddenSize,
    layers,
    heads,
    intermediateSize,
    activation,
    layerNormEpsilon: 1e-6, // timm's; Hugging Face's 1e-12 is below float32's
    queryKeyValueBias: true,
    classToken: true,
    distillationToken: false,
    registers: 0,
    positionSize: null,
    positionFilter: "bicubic",
    pooling: "class",
    finalNorm: "tokens",
    pooler: false,
    classes,
    distillationHead: false,
    patchHead: false,
  };
}

function attentionCnnOf(model: NewAttentionCnn, classes: number): AttentionCnnConfig {
  const { stem, stages, attention, activation } = model;
  const imageSize = square(model.imageSize);
  if (attention && attention.afterStage >= stages.length) {
    throw unfit("attention.afterStage", `a stage from 0 to ${stages.length - 1}`, attention.afterStage);
  }
  return { imageSize, channels: 3, stem, stages, activation, batchNormEpsilon: 1e-5, attention, classes }; // PyTorch's
}

const square = (side: number): Size => ({ width: side, height: side });

const unfit = (field: string, wanted: string, got: number): VisionError =>
  new VisionError("training-recipe", `model.${field}: wanted ${wanted}, got ${got}`);

/** The whole picture, squashed: what Hugging Face's ViT processor does. */
const plainRecipe = (size: VitConfig["imageSize"], normalise: Normalisation): ImageRecipe => ({
  resize: { kind: "exact", ...size },
  filter: "bilinear",
  crop: null,
  rescale: 1 / 255,
  normalise,
});
