import * as v from "valibot";
import type { AttentionCnnConfig, ResidualStage } from "../../models/attention-cnn/config.ts";
import { readActivation } from "./activation.ts";
import {
  bool,
  checkJson,
  count,
  isObject,
  layerCount,
  malformed,
  MAX_LAYERS,
  positiveInteger,
  positiveNumber,
  side,
  text,
  withoutNulls,
} from "./check-json.ts";
import { countClasses, NO_LABELS, readLabelTable, type DeclaredLabels } from "./labels.ts";

export const ATTENTION_CNN_TYPE = "attention-cnn"; // its model_type

const ARCHITECTURE = "AttentionCnnForImageClassification";

const perStage = <Item extends v.GenericSchema<unknown, number>>(item: Item) =>
  v.pipe(
    v.array(item, "a list of whole numbers above 0, one per stage"),
    v.minLength(1, "at least one stage"),
    v.maxLength(MAX_LAYERS, `at most ${MAX_LAYERS} stages`),
  );

const ARCHITECTURES = `["${ARCHITECTURE}"]`;
const A_VALUE = "a value"; // where a field is missing

const attentionSchema = v.object(
  { after_stage: count, inner_channels: positiveInteger, scaled: v.optional(bool, true) },
  ({ expected }) => (expected === "Object" ? "an object, or null" : A_VALUE),
);

const schema = v.object(
  {
    model_type: v.literal(ATTENTION_CNN_TYPE, `"${ATTENTION_CNN_TYPE}"`),
    architectures: v.optional(v.tuple([v.literal(ARCHITECTURE, ARCHITECTURES)], ARCHITECTURES)),
    image_size: side,
    num_channels: v.optional(positiveInteger, 3),
    stem_channels: positiveInteger,
    stem_stride: v.optional(positiveInteger, 1),
    stage_channels: perStage(positiveInteger),
    stage_blocks: perStage(layerCount),
    stage_strides: perStage(positiveInteger),
    hidden_act: v.optional(text, "relu"),
    batch_norm_eps: v.optional(positiveNumber, 1e-5), // PyTorch's
    attention: v.nullable(attentionSchema),
    num_labels: v.optional(positiveInteger),
  },
  A_VALUE,
);
type Fields = v.InferOutput<typeof schema>;

/** What a folder says of an attention CNN; unlike a ViT's, its config must say everything. */
export type DeclaredAttentionCnn = {
  readonly config: AttentionCnnConfig;
  readonly labels: DeclaredLabels;
};

/** Throws `config-malformed`, naming the field, what was wanted and got. */
export function readAttentionCnnConfig(json: unknown, what = "config.json"): DeclaredAttentionCnn {
  if (!isObject(json)) throw malformed(what, null, "an object", json);
  // null is a value of `attention` alone: the CNN without the module
  const fields = checkJson(schema, { ...withoutNulls(json), attention: json.attention }, what);
  const labels = {
    byIndex: json.id2label ? readLabelTable(json.id2label, what) : NO_LABELS.byIndex,
    classes: fields.num_labels ?? null,
  };
  const stages = readStages(fields, what);
  const config: AttentionCnnConfig = {
    imageSize: fields.image_size,
    channels: fields.num_channels,
    stem: { channels: fields.stem_channels, stride: fields.stem_stride },
    stages,
    activation: readActivation(fields.hidden_act, what, "hidden_act"),
    batchNormEpsilon: fields.batch_norm_eps,
    attention: readAttention(fields, what),
    classes: countClasses(labels, null),
  };
  if (fields.architectures && config.classes === 0) {
    throw malformed(what, "id2label", `names of classes for ${ARCHITECTURE}`, undefined);
  }
  return { config, labels };
}

function readStages(fields: Fields, what: string): ResidualStage[] {
  const { stage_channels: channels, stage_blocks: blocks, stage_strides: strides } = fields;
  for (const [field, list] of Object.entries({ stage_blocks: blocks, stage_strides: strides })) {
    if (list.length !== channels.length)
      throw malformed(what, field, `one for each of ${channels.length} stages`, list);
  }
  const total = blocks.reduce((sum, number) => sum + number, 0);
  if (total > MAX_LAYERS) throw malformed(what, "stage_blocks", `at most ${MAX_LAYERS} blocks in all`, total);
  return channels.map((width, stage) => ({ channels: width, blocks: blocks[stage]!, stride: strides[stage]! }));
}

function readAttention({ attention, stage_channels }: Fields, what: string): AttentionCnnConfig["attention"] {
  if (attention === null) return null;
  const { after_stage: afterStage, inner_channels: innerChannels, scaled } = attention;
  const last = stage_channels.length - 1;
  if (afterStage > last) throw malformed(what, "attention.after_stage", `a stage from 0 to ${last}`, afterStage);
  return { afterStage, innerChannels, scaled };
}
