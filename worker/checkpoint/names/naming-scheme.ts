import type { VitConfig } from "../../models/vit/config.ts";

/**
 * Every module of a ViT under its canonical name (that of `vitShapesInFile`). `{layer}` stands for a block's number;
 * modules other than tokens and layer scales carry a `.weight` and mostly a `.bias`.
 */
export const VIT_MODULES = [
  "embeddings.cls_token",
  "embeddings.distillation_token",
  "embeddings.register_tokens",
  "embeddings.position_embeddings",
  "embeddings.patch_embeddings.projection",
  "encoder.layer.{layer}.layernorm_before",
  "encoder.layer.{layer}.attention.attention.query",
  "encoder.layer.{layer}.attention.attention.key",
  "encoder.layer.{layer}.attention.attention.value",
  "encoder.layer.{layer}.attention.output.dense",
  "encoder.layer.{layer}.layer_scale1.lambda1",
  "encoder.layer.{layer}.layernorm_after",
  "encoder.layer.{layer}.intermediate.dense",
  "encoder.layer.{layer}.output.dense",
  "encoder.layer.{layer}.layer_scale2.lambda1",
  "layernorm",
  "pooler.dense",
  "classifier",
  "distillation_classifier",
] as const;

export type VitModule = (typeof VIT_MODULES)[number];

/** Modules outside the backbone: a file may put them before its prefix (`vit.…`, but `classifier`). */
export const HEAD_MODULES: readonly VitModule[] = ["classifier", "distillation_classifier"];

/** Where a module's tensors lie in a file: a name with `{layer}` and `{leaf}` ("weight", "bias") to fill in. */
export type ModulePlace = {
  readonly name: string;
  /** Only this part of the tensor's rows: `index` of `of` equal ones. */
  readonly part?: { readonly index: number; readonly of: number };
  /** What fills `{leaf}` for a module's weight, where that is not "weight". */
  readonly weight?: string;
  /** Of a kernel of Flax's: how many of its axes, the first ones, are the input's. */
  readonly inputAxes?: number;
};

/** What a family's way to prepare pictures may depend on. */
export type PreparedModel = Pick<VitConfig, "imageSize" | "patchSize" | "hiddenSize" | "channels">;

/** How one family of files names a ViT's tensors. Pure data: the same table reads a file and could write one. */
export type NamingScheme = {
  readonly title: string; // for people
  readonly places: Readonly<Record<VitModule, ModulePlace>>;
  /** Tensors that a file of the scheme may hold and that no answer depends on. Matched after the prefix. */
  readonly ignorable: readonly { readonly pattern: RegExp; readonly reason: string }[];
  /** Tensors that would change the answer in ways this model does not compute; named in the error. */
  readonly unsupported: readonly { readonly pattern: RegExp; readonly reason: string }[];
  /** Whether folders of the family hold a `config.json`: one without it has lost it. Others publish bare weight files. */
  readonly bringsConfig: boolean;
  readonly layerNormEpsilon: number; // what the family trains with, for files without a config
  /** How the family prepares square colour pictures, as a `pretrained_cfg`, where that is one way and not Hugging Face's. */
  readonly pretrainedCfg?: (model: PreparedModel) => object;
  /** "pooled": the final norm of this scheme runs after mean pooling (timm's fc_norm). */
  readonly finalNorm: "tokens" | "pooled";
};

/** `places` from plain strings, for the modules that lie in tensors of their own. */
export const whole = <Key extends string>(names: Readonly<Record<Key, string>>): Record<Key, ModulePlace> =>
  Object.fromEntries(Object.entries(names).map(([module, name]) => [module, { name }])) as Record<Key, ModulePlace>;

/** A kernel of Flax's: `[in, out]`, with heads `[in, heads, out]` or `[heads, in, out]`, or `[height, width, in, out]`. */
export const kernel = (name: string, inputAxes: number): ModulePlace => ({
  name: `${name}/{leaf}`,
  weight: "kernel",
  inputAxes,
});

/** The third of a fused query-key-value tensor `[3D, D]`: 0 query, 1 key, 2 value. */
export const third = (name: string, index: number): ModulePlace => ({ name, part: { index, of: 3 } });
