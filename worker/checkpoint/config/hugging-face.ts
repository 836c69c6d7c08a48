import * as v from "valibot";
import { VisionError } from "../../contract/errors.ts";
import { readActivation } from "./activation.ts";
import { ATTENTION_CNN_TYPE } from "./attention-cnn-config.ts";
import {
  bool,
  checkJson,
  layerCount,
  malformed,
  positiveInteger,
  positiveNumber,
  show,
  side,
  text,
  withoutNulls,
} from "./check-json.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import { NO_LABELS, readLabelTable } from "./labels.ts";

const MODEL_TYPES = ["vit", "deit"];

const HEADED: Readonly<Record<string, boolean>> = {
  ViTModel: false,
  DeiTModel: false,
  ViTForImageClassification: true,
  DeiTForImageClassification: true,
  DeiTForImageClassificationWithTeacher: true,
};

const schema = v.object({
  hidden_size: v.optional(positiveInteger),
  num_hidden_layers: v.optional(layerCount),
  num_attention_heads: v.optional(positiveInteger),
  intermediate_size: v.optional(positiveInteger),
  hidden_act: v.optional(text),
  layer_norm_eps: v.optional(positiveNumber),
  image_size: v.optional(side),
  patch_size: v.optional(side),
  num_channels: v.optional(positiveInteger),
  qkv_bias: v.optional(bool),
  num_labels: v.optional(positiveInteger),
  pooler_act: v.optional(text),
});

/** The values `ViTConfig` of transformers takes where its file is silent. */
const DEFAULTS = {
  hiddenSize: 768,
  layers: 12,
  heads: 12,
  intermediateSize: 3072,
  activation: "gelu",
  layerNormEpsilon: 1e-12,
  imageSize: { width: 224, height: 224 },
  patchSize: { width: 16, height: 16 },
  channels: 3,
  queryKeyValueBias: true,
} as const;

/**
 * A Hugging Face `config.json` of a ViT or DeiT. Without `model_type` and `architectures` it only answers what it
 * states, and the weights tell the rest. Throws `config-malformed`, or `config-unsupported` for another architecture.
 */
export function readHuggingFaceConfig(json: Readonly<Record<string, unknown>>, what: string): DeclaredVit {
  const architecture = supportedArchitecture(json);
  const typed = json.model_type !== undefined || architecture !== null;
  const fields = withoutNulls(checkJson(schema, withoutNulls(json), what));
  const pooled = architecture !== null && HEADED[architecture] === false; // a classifier does not use the pooler
  if (pooled && fields.pooler_act !== undefined && fields.pooler_act !== "tanh") {
    throw malformed(what, "pooler_act", "tanh, the one patchlight computes", fields.pooler_act);
  }
  return {
    ...(typed && DEFAULTS),
    ...withoutNulls({
      hiddenSize: fields.hidden_size,
      layers: fields.num_hidden_layers,
      heads: fields.num_attention_heads,
      intermediateSize: fields.intermediate_size,
      activation: fields.hidden_act === undefined ? undefined : readActivation(fields.hidden_act, what, "hidden_act"),
      layerNormEpsilon: fields.layer_norm_eps,
      imageSize: fields.image_size,
      patchSize: fields.patch_size,
      channels: fields.num_channels,
      queryKeyValueBias: fields.qkv_bias,
    }),
    ...(typed && readTokens(json.model_type, architecture ?? "")),
    labels: {
      byIndex: json.id2label ? readLabelTable(json.id2label, what) : NO_LABELS.byIndex,
      classes: fields.num_labels ?? null,
    },
  };
}

/** What the class of the model tells: tokens and heads. A head is demanded only where it says so, never forbidden. */
function readTokens(type: unknown, architecture: string): Partial<DeclaredVit> {
  return {
    classToken: true,
    distillationToken: type === "deit" || architecture.startsWith("DeiT"),
    ...(architecture.endsWith("WithTeacher") && { distillationHead: true }),
    ...(HEADED[architecture] && { head: true }),
  };
}

/** The supported class the config names, or `null` where it names none. */
function supportedArchitecture({ model_type: type, architectures }: Readonly<Record<string, unknown>>): string | null {
  if (type !== undefined && !MODEL_TYPES.includes(type as string)) throw unsupported(type);
  const named: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  if (named === undefined) return null;
  if (typeof named !== "string" || !Object.hasOwn(HEADED, named)) throw unsupported(named);
  return named;
}

const unsupported = (name: unknown): VisionError =>
  new VisionError(
    "config-unsupported",
    `config.json: this is a model of type ${show(name)}; patchlight runs Vision Transformers: ` +
      `model_type ${MODEL_TYPES.join(" or ")} (${Object.keys(HEADED).join(", ")}), and timm's vit_* and deit_*; ` +
      `and attention CNNs: model_type ${ATTENTION_CNN_TYPE}`,
  );
