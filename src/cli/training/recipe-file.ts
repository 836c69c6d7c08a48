import * as v from "valibot";
import { VisionError } from "../../../worker/contract/errors.ts";
import { AUGMENT_DEFAULTS } from "../../../datasets/augment/augment.ts";
import { LEARNING_DEFAULTS } from "../../../worker/training/recipe.ts";

export const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const counted = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const positive = v.pipe(v.number(), v.gtValue(0));
export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
export const rate = v.pipe(v.number(), v.minValue(0), v.ltValue(1)); // of dropout
export const notNegative = v.pipe(v.number(), v.minValue(0));
const range = v.pipe(
  v.tuple([positive, positive]),
  v.check(([low, high]) => low <= high, "a smaller number first"),
);

const side = v.pipe(counted, v.maxValue(4096)); // pixels of a square
export const activation = v.picklist(["gelu", "gelu-tanh", "relu", "silu"]);

/** Mean and deviation that a new model's pixels are brought to 0 and 1 by: one half, or those of its pictures. */
const normalise = v.optional(v.picklist(["half", "data"]), "half");

const newVit = v.strictObject({
  kind: v.literal("vit"),
  imageSize: side,
  patchSize: side,
  hiddenSize: counted,
  layers: counted,
  heads: counted,
  intermediateSize: counted,
  activation: v.optional(activation, "gelu"),
  normalise,
});

const newAttentionCnn = v.strictObject({
  kind: v.literal("attention-cnn"),
  imageSize: side,
  stem: v.strictObject({ channels: counted, stride: counted }),
  stages: v.pipe(v.array(v.strictObject({ channels: counted, blocks: counted, stride: counted })), v.minLength(1)),
  attention: v.nullable(v.strictObject({ afterStage: whole, innerChannels: counted, scaled: v.boolean() })),
  activation: v.optional(activation, "relu"),
  normalise,
});

const adaptation = v.variant("kind", [
  v.strictObject({ kind: v.literal("all") }),
  v.strictObject({ kind: v.literal("head") }),
  v.strictObject({ kind: v.literal("last-blocks"), blocks: counted }),
  v.strictObject({ kind: v.literal("lora"), rank: counted, alpha: positive }),
]);

const data = v.strictObject({
  path: v.optional(v.string()),
  train: v.optional(v.string(), "train"),
  validation: v.optional(v.nullable(v.union([v.string(), v.pipe(share, v.gtValue(0), v.ltValue(1))])), 0.1),
  bag: v.optional(v.nullable(counted), null), // the member of a bagged ensemble, from 1
  batch: v.optional(counted, 32),
  order: v.optional(v.picklist(["shuffled", "balanced"]), "shuffled"),
  side: v.optional(v.nullable(counted), null), // pixels that pictures are kept at; null: the model's
});

const jitter = v.strictObject({
  brightness: notNegative,
  contrast: notNegative,
  saturation: notNegative,
  hue: v.pipe(notNegative, v.maxValue(0.5)),
});

const augment = v.strictObject({
  crop: v.optional(v.nullable(v.strictObject({ scale: range, ratio: range })), AUGMENT_DEFAULTS.crop),
  flip: v.optional(share, AUGMENT_DEFAULTS.flip),
  jitter: v.optional(v.nullable(jitter), AUGMENT_DEFAULTS.jitter),
  trivial: v.optional(v.boolean(), AUGMENT_DEFAULTS.trivial),
  erase: v.optional(share, AUGMENT_DEFAULTS.erase),
});

const optimiser = v.variant("kind", [
  v.strictObject({ kind: v.literal("sgd"), momentum: v.optional(rate, 0.9), nesterov: v.optional(v.boolean(), true) }),
  ...(["adam", "adamw"] as const).map((kind) =>
    v.strictObject({ kind: v.literal(kind), betas: v.optional(v.tuple([rate, rate]), [0.9, 0.999]) }),
  ),
]);

const schedule = v.variant("kind", [
  v.strictObject({ kind: v.literal("constant") }),
  v.strictObject({ kind: v.literal("inverse-square-root"), width: counted, warmup: counted }),
  v.strictObject({ kind: v.literal("cosine"), warmup: whole, floor: v.optional(share) }),
  v.strictObject({ kind: v.literal("one-cycle"), rise: share }),
]);

const distillation = v.variant("kind", [
  v.strictObject({ kind: v.literal("soft"), weight: share, temperature: positive }),
  v.strictObject({ kind: v.literal("hard"), weight: share }),
]);

const L = LEARNING_DEFAULTS;
export const learning = v.strictObject({
  epochs: v.optional(counted, L.epochs),
  accumulate: v.optional(counted, L.accumulate),
  optimiser: v.optional(optimiser, L.optimiser as v.InferInput<typeof optimiser>),
  rate: v.optional(positive, L.rate),
  decay: v.optional(notNegative, L.decay),
  layerDecay: v.optional(v.pipe(share, v.gtValue(0)), L.layerDecay),
  schedule: v.optional(schedule, L.schedule),
  labelSmoothing: v.optional(share, L.labelSmoothing),
  distillation: v.optional(v.nullable(distillation), null),
  regularisation: v.optional(
    v.strictObject({
      dropout: v.optional(rate, 0),
      attentionDropout: v.optional(rate, 0),
      dropPath: v.optional(rate, 0),
    }),
    {},
  ),
  clip: v.optional(v.nullable(positive), L.clip),
  average: v.optional(v.nullable(rate), L.average),
  patience: v.optional(v.nullable(counted), L.patience),
  seed: v.optional(v.pipe(whole, v.maxValue(2 ** 32 - 1)), L.seed),
});

const recipe = v.strictObject({
  model: v.variant("kind", [
    v.strictObject({ kind: v.literal("start"), from: v.string() }), // as `--model` takes it
    newVit,
    newAttentionCnn,
  ]),
  adapt: v.optional(adaptation, { kind: "all" }),
  data: v.optional(data, {}),
  augment: v.optional(augment, {}),
  mix: v.optional(v.strictObject({ mixup: v.optional(notNegative, 0), cutmix: v.optional(notNegative, 0) }), {}),
  teacher: v.optional(v.nullable(v.string()), null),
  learning: v.optional(learning, {}),
  dtype: v.optional(v.picklist(["F32", "F16"]), "F32"),
  output: v.optional(v.string()),
});

/** A recipe with everything said, whether its file said it or not. */
export type Recipe = v.InferOutput<typeof recipe>;

/** What a recipe starts from: an existing model, or the measures of a new one. */
export type RecipeModel = Recipe["model"];

/** Throws `training-recipe` naming the first field that is unknown, missing or wrong. */
export function readRecipe(value: unknown, what: string): Recipe {
  return expectTeacher(parseRecipe(recipe, value, what), what);
}

/** Throws `training-recipe` naming the first field that this kind of recipe does not know, misses or has wrong. */
export function parseRecipe<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const read = v.safeParse(schema, value, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  const field = v.getDotPath(issue) ?? "the recipe";
  throw new VisionError(
    "training-recipe",
    `${what}: ${field}: ${explain(issue)}; recipes/README.md lists all settings`,
  );
}

/** A teacher without a way to follow it, or the other way round, would silently teach nothing. */
function expectTeacher(recipe: Recipe, what: string): Recipe {
  const { teacher, learning } = recipe;
  if ((teacher === null) === (learning.distillation === null)) return recipe;
  const got = teacher === null ? "learning.distillation alone" : "teacher alone";
  throw new VisionError("training-recipe", `${what}: wanted teacher and learning.distillation together, got ${got}`);
}

function explain({ type, expected, received, message }: v.BaseIssue<unknown>): string {
  if (type === "strict_object" && expected === "never") return "there is no such setting";
  if (type === "strict_object" && received === "undefined") return "it is missing";
  return expected === null ? message : `wanted ${expected}, got ${received === "undefined" ? "nothing" : received}`;
}
