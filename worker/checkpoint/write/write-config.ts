import { VisionError } from "../../contract/errors.ts";
import type { EncoderConfig } from "../../models/encoder/config.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import { isObject } from "../config/check-json.ts";
import { isDinov2, toAttentionCnnConfig, toHuggingFaceConfig } from "../config/describe-config.ts";
import { LABEL_GROUPS } from "../config/label-groups.ts";
import { nameClasses, NO_LABELS, readLabelTable } from "../config/labels.ts";
import type { WritableModel, WrittenDtype } from "./writable-model.ts";

const ATTENTION_CNN_ARCHITECTURES = ["AttentionCnnForImageClassification"];
export const TORCH_DTYPES: Readonly<Record<WrittenDtype, string>> = { F32: "float32", F16: "float16" };

/** Fields that hold for the source's weights or head, not necessarily for these: they are written anew or not at all. */
const WRITTEN_ANEW = [
  ...["architectures", "num_labels", "id2label", "label2id", "problem_type"], // heads are trained with softmax
  ...["dtype", "torch_dtype", "global_pool", "layerscale_value"],
];

/**
 * The fields of a model's `config.json`: Hugging Face's ViT, DeiT or DINOv2, or an attention CNN's own. Fields that a source of
 * the same `model_type` has beside them are kept; groups of labels only while the labels stay.
 *
 * Throws `config-unsupported` for a ViT that Hugging Face's classes would compute otherwise, `invalid-argument` unless
 * there is one label for each class.
 */
export function writeConfig(
  { labels, rawConfig, ...model }: Pick<WritableModel, "labels" | "rawConfig"> & EncoderConfig,
  dtype: WrittenDtype,
): Record<string, unknown> {
  const { classes } = model.config;
  if (labels.length !== classes) {
    throw new VisionError(
      "invalid-argument",
      `labels: wanted one for each of ${classes} classes, got ${labels.length}`,
    );
  }
  const fields = describe(model);
  const named = { num_labels: classes, id2label: { ...labels }, label2id: firstByName(labels) };
  return {
    ...keptFields(rawConfig, fields.model_type, labels),
    ...fields,
    ...(classes > 0 ? named : { num_labels: undefined }), // JSON leaves undefined out
    torch_dtype: TORCH_DTYPES[dtype],
  };
}

function describe({ type, config }: EncoderConfig): Record<string, unknown> {
  if (type === "attention-cnn") {
    const architectures = config.classes > 0 && { architectures: ATTENTION_CNN_ARCHITECTURES };
    return { ...toAttentionCnnConfig(config), ...architectures };
  }
  refuseInexpressible(config);
  return { ...toHuggingFaceConfig(config, isDinov2(config)), global_pool: undefined }; // the class token's, which has no field
}

/** Without pooling and norms of its own, the class of transformers is told by tokens and heads alone. */
function refuseInexpressible(config: VitConfig): void {
  const learnedFor = config.positionSize ?? config.imageSize;
  const faults: Readonly<Record<string, boolean>> = {
    "mean pooling": config.pooling === "mean",
    "a final norm after pooling": config.finalNorm === "pooled",
    "no class token": !config.classToken,
    "a distillation head without its token or classes":
      config.distillationHead && !(config.distillationToken && config.classes > 0),
    "a pooler beside a classifier": config.pooler && config.classes > 0,
    ...(isDinov2(config) && {
      "a distillation token in DINOv2": config.distillationToken,
      "a pooler in DINOv2": config.pooler,
      "positions in DINOv2 that are no square": learnedFor.width !== learnedFor.height,
    }),
  };
  const found = Object.keys(faults).filter((fault) => faults[fault]);
  if (found.length === 0) return;
  throw new VisionError(
    "config-unsupported",
    `config.json: wanted a model that Hugging Face's ViT, DeiT or DINOv2 can compute, got one with ${found.join(", ")}`,
  );
}

function keptFields(source: unknown, type: unknown, labels: readonly string[]): Record<string, unknown> {
  if (!isObject(source) || source.model_type !== type) return {};
  const dropped = sameLabels(source, labels) ? WRITTEN_ANEW : [...WRITTEN_ANEW, LABEL_GROUPS];
  return Object.fromEntries(Object.entries(source).filter(([field]) => !dropped.includes(field)));
}

function sameLabels({ id2label }: Readonly<Record<string, unknown>>, labels: readonly string[]): boolean {
  const byIndex = id2label ? readLabelTable(id2label, "config.json") : NO_LABELS.byIndex;
  const named = nameClasses({ byIndex, classes: null }, labels.length).labels;
  return (
    [...byIndex.keys()].every((index) => index < labels.length) && labels.every((label, at) => label === named[at])
  );
}

/** A name that several classes bear stands for the first of them: an object holds it once. */
function firstByName(labels: readonly string[]): Record<string, number> {
  const byName = new Map<string, number>();
  for (const [index, label] of labels.entries()) if (!byName.has(label)) byName.set(label, index);
  return Object.fromEntries(byName);
}
