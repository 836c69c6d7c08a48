import * as v from "valibot";
import { activation, counted, learning, notNegative, parseRecipe, rate, share, whole } from "../recipe-file.ts";

/** A model folder or name whose features are looked at, so many rows and columns averaged. */
const encoder = { encoder: v.string(), pooling: v.optional(counted, 1) };

/** Words that occur as often become part of the vocabulary. */
const minimum = v.optional(counted, 5);

const recurrent = v.strictObject({
  kind: v.literal("recurrent-captioner"),
  ...encoder,
  embeddingSize: counted,
  hiddenSize: counted,
  alignmentSize: counted,
  alignment: v.optional(v.picklist(["additive", "dot"]), "additive"),
  output: v.optional(v.picklist(["hidden", "deep"]), "deep"),
  minimum,
});

const transformer = v.strictObject({
  kind: v.literal("transformer-captioner"),
  ...encoder,
  hiddenSize: counted,
  layers: counted,
  heads: counted,
  intermediateSize: counted,
  activation: v.optional(activation, "gelu"),
  normOrder: v.optional(v.picklist(["pre", "post"]), "pre"),
  positions: v.optional(v.picklist(["learned", "sinusoidal"]), "learned"),
  tiedOutput: v.optional(v.boolean(), true),
  minimum,
});

const data = v.strictObject({
  path: v.optional(v.string()),
  train: v.optional(v.string(), "train"),
  validation: v.optional(v.nullable(v.string()), "validation"),
  batch: v.optional(counted, 32),
});

const captions = v.strictObject({
  longest: v.optional(v.pipe(counted, v.maxValue(1000)), 20), // words; the rest of a caption is left out
  ownWords: v.optional(
    v.strictObject({ rise: v.optional(share, 0), most: v.optional(share, 0.25) }), // share of the words given, by epoch
    {},
  ),
  lookEverywhere: v.optional(notNegative, 0),
  rewarded: v.optional(whole, 0), // of the epochs, the last so many
  samples: v.optional(v.pipe(counted, v.minValue(2)), 5),
  baseline: v.optional(v.picklist(["others", "greedy"]), "others"),
});

const captionRecipe = v.strictObject({
  model: v.variant("kind", [recurrent, transformer]),
  data: v.optional(data, {}),
  captions: v.optional(captions, {}),
  learning: v.optional(
    v.strictObject({
      ...v.omit(learning, ["layerDecay", "distillation", "regularisation"]).entries,
      dropout: v.optional(rate, 0),
    }),
    {},
  ),
  dtype: v.optional(v.picklist(["F32", "F16"]), "F32"),
  output: v.optional(v.string()),
});

/** A captioner's recipe with everything said. */
export type CaptionRecipe = v.InferOutput<typeof captionRecipe>;

/** Whether a recipe file is one of a captioner. */
export const teachesCaptions = (value: unknown): boolean =>
  /-captioner$/.test(String((value as { model?: { kind?: unknown } } | null)?.model?.kind));

/** Throws `training-recipe` naming the first field that is unknown, missing or wrong. */
export const readCaptionRecipe = (value: unknown, what: string): CaptionRecipe =>
  parseRecipe(captionRecipe, value, what);
