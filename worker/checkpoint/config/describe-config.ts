import type { Size } from "../../contract/geometry.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import { ACTIVATION_NAMES } from "./activation.ts";
import { ATTENTION_CNN_TYPE } from "./attention-cnn-config.ts";
import type { SettledVit } from "./settle-vit.ts";

/**
 * A ViT in the fields of Hugging Face's `config.json`; heads that nothing tells are `null`. Pooling is added under
 * timm's name, since Hugging Face's ViT has no other than the class token.
 */
export function toHuggingFaceConfig(config: SettledVit): Record<string, unknown> {
  return {
    model_type: config.distillationToken ? "deit" : "vit",
    architectures: [architectureOf(config)],
    image_size: numberOrPair(config.imageSize),
    patch_size: numberOrPair(config.patchSize),
    num_channels: config.channels,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.intermediateSize,
    hidden_act: ACTIVATION_NAMES[config.activation],
    layer_norm_eps: config.layerNormEpsilon,
    qkv_bias: config.queryKeyValueBias,
    num_labels: config.classes,
    global_pool: config.pooling === "mean" ? "avg" : "token",
  };
}

/** An attention CNN in the fields of its own `config.json`. */
export const toAttentionCnnConfig = (config: AttentionCnnConfig): Record<string, unknown> => ({
  model_type: ATTENTION_CNN_TYPE,
  image_size: numberOrPair(config.imageSize),
  num_channels: config.channels,
  stem_channels: config.stem.channels,
  stem_stride: config.stem.stride,
  stage_channels: config.stages.map(({ channels }) => channels),
  stage_blocks: config.stages.map(({ blocks }) => blocks),
  stage_strides: config.stages.map(({ stride }) => stride),
  hidden_act: ACTIVATION_NAMES[config.activation],
  batch_norm_eps: config.batchNormEpsilon,
  attention: config.attention && {
    after_stage: config.attention.afterStage,
    inner_channels: config.attention.innerChannels,
    scaled: config.attention.scaled,
  },
  num_labels: config.classes,
});

function architectureOf({ distillationToken, distillationHead, classes }: SettledVit): string {
  const family = distillationToken ? "DeiT" : "ViT";
  if (classes === 0) return `${family}Model`;
  return distillationHead ? `${family}ForImageClassificationWithTeacher` : `${family}ForImageClassification`;
}

const numberOrPair = ({ width, height }: Size): number | [number, number] =>
  width === height ? width : [height, width];
