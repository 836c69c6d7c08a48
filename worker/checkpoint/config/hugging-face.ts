import * as v from "valibot";
import { VisionError } from "../../contract/errors.ts";
import { readActivation } from "./activation.ts";
import { ATTENTION_CNN_TYPE } from "./attention-cnn-config.ts";
import {
  bool,
  checkJson,
  count,
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

/** The `model_type`s of transformers that are read here. */
const MODEL_TYPES = ["vit", "deit", "dinov2", "dinov2_with_registers"] as const;

type ModelType = (typeof MODEL_TYPES)[number];

/** Classes of transformers: of which type each is, and whether it has a classifier. */
const ARCHITECTURES: Readonly<Record<string, { readonly type: ModelType; readonly headed: boolean }>> = {
  ViTModel: { type: "vit", headed: false },
  DeiTModel: { type: "deit", headed: false },
  Dinov2Model: { type: "dinov2", headed: false },
  Dinov2Backbone: { type: "dinov2", headed: false },
  Dinov2WithRegistersModel: { type: "dinov2_with_registers", headed: false },
  Dinov2WithRegistersBackbone: { type: "dinov2_with_registers", headed: false },
  ViTForImageClassification: { type: "vit", headed: true },
  DeiTForImageClassification: { type: "deit", headed: true },
  DeiTForImageClassificationWithTeacher: { type: "deit", headed: true },
  Dinov2ForImageClassification: { type: "dinov2", headed: true },
  Dinov2WithRegistersForImageClassification: { type: "dinov2_with_registers", headed: true },
};

const schema = v.object({
  hidden_size: v.optional(positiveInteger),
  num_hidden_layers: v.optional(layerCount),
  num_attention_heads: v.optional(positiveInteger),
  intermediate_size: v.optional(positiveInteger),
  mlp_ratio: v.optional(positiveNumber),
  hidden_act: v.optional(text),
  layer_norm_eps: v.optional(positiveNumber),
  image_size: v.optional(side),
  patch_size: v.optional(side),
  num_channels: v.optional(positiveInteger),
  qkv_bias: v.optional(bool),
  num_labels: v.optional(positiveInteger),
  pooler_act: v.optional(text),
  num_register_tokens: v.optional(count),
  use_swiglu_ffn: v.optional(bool),
});
type Fields = v.InferOutput<typeof schema>;

/** The values that the configs of transformers take where a file is silent: `ViTConfig`'s, and where DINOv2's differ. */
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
const DINOV2_DEFAULTS = { ...DEFAULTS, layerNormEpsilon: 1e-6 };
const DEFAULTS_OF: Readonly<Record<ModelType, Partial<DeclaredVit>>> = {
  vit: DEFAULTS,
  deit: DEFAULTS,
  dinov2: { ...DINOV2_DEFAULTS, patchSize: { width: 14, height: 14 } },
  dinov2_with_registers: DINOV2_DEFAULTS,
};
const MLP_RATIO = 4; // hidden units of DINOv2's feed-forward layers for each channel
const REGISTERS = 4;

/**
 * A Hugging Face `config.json` of a ViT, DeiT or DINOv2. Without `model_type` and `architectures` it only answers what it
 * states, and the weights tell the rest. Throws `config-malformed`, or `config-unsupported` for another architecture.
 */
export function readHuggingFaceConfig(json: Readonly<Record<string, unknown>>, what: string): DeclaredVit {
  const { type, architecture } = supported(json);
  const fields = readFields(json, what);
  const pooled = architecture !== null && !ARCHITECTURES[architecture]!.headed; // a classifier does not use the pooler
  if (pooled && fields.pooler_act !== undefined && fields.pooler_act !== "tanh") {
    throw malformed(what, "pooler_act", "tanh, the one patchlight computes", fields.pooler_act);
  }
  const sizes = { ...(type && DEFAULTS_OF[type]), ...readSizes(fields, what) };
  return {
    ...sizes,
    ...(type && readAnatomy(type, architecture ?? "")),
    ...(type?.startsWith("dinov2") && readDinov2(type, fields, sizes)),
    labels: {
      byIndex: json.id2label ? readLabelTable(json.id2label, what) : NO_LABELS.byIndex,
      classes: fields.num_labels ?? null,
    },
  };
}

function readFields(json: Readonly<Record<string, unknown>>, what: string): Fields {
  const fields = withoutNulls(checkJson(schema, withoutNulls(json), what));
  if (fields.use_swiglu_ffn) {
    throw new VisionError(
      "config-unsupported",
      `${what}: use_swiglu_ffn: wanted false, got true: the gated feed-forward layers of DINOv2-giant, which patchlight does not compute; choose a small, base or large one`,
    );
  }
  return fields;
}

const readSizes = (fields: Fields, what: string): Partial<DeclaredVit> =>
  withoutNulls({
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
  });

/** What the class of the model tells: tokens and heads. A head is demanded only where it says so, never forbidden. */
function readAnatomy(type: ModelType, architecture: string): Partial<DeclaredVit> {
  return {
    classToken: true,
    distillationToken: type === "deit" || architecture.startsWith("DeiT"),
    ...(architecture.endsWith("WithTeacher") && { distillationHead: true }),
    ...(ARCHITECTURES[architecture]?.headed && { head: true }),
  };
}

/**
 * What DINOv2 has of its own (Oquab et al. 2024; with registers, Darcet et al. 2024). transformers interpolates its
 * positions, of `image_size`, for whatever size pictures are brought to.
 */
function readDinov2(
  type: ModelType,
  { intermediate_size, mlp_ratio = MLP_RATIO, num_register_tokens = REGISTERS }: Fields,
  { hiddenSize = DEFAULTS.hiddenSize, imageSize }: Partial<DeclaredVit>,
): Partial<DeclaredVit> {
  const hasRegisters = type === "dinov2_with_registers";
  return {
    intermediateSize: intermediate_size ?? Math.trunc(hiddenSize * mlp_ratio),
    positionSize: imageSize,
    positionFilter: hasRegisters ? "antialiased" : "bicubic",
    registers: hasRegisters ? num_register_tokens : 0,
    layerScale: true,
    patchHead: true, // of a classifier, where there is one
  };
}

type Supported = { readonly type: ModelType | null; readonly architecture: string | null };

/** The type and class that the config names; `null` where it names none. */
function supported({ model_type: type, architectures }: Readonly<Record<string, unknown>>): Supported {
  if (type !== undefined && !isModelType(type)) throw unsupported(type);
  const named: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  if (named === undefined) return { type: type ?? null, architecture: null };
  if (typeof named !== "string" || !Object.hasOwn(ARCHITECTURES, named)) throw unsupported(named);
  return { type: type ?? ARCHITECTURES[named]!.type, architecture: named };
}

export const isModelType = (type: unknown): type is ModelType => (MODEL_TYPES as readonly unknown[]).includes(type);

const unsupported = (name: unknown): VisionError =>
  new VisionError(
    "config-unsupported",
    `config.json: this is a model of type ${show(name)}; patchlight runs Vision Transformers: ` +
      `model_type ${MODEL_TYPES.join(", ")} (${Object.keys(ARCHITECTURES).join(", ")}), and timm's vit_* and deit*_*; ` +
      `and attention CNNs: model_type ${ATTENTION_CNN_TYPE}`,
  );
