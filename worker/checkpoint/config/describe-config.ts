import type { Size } from "../../contract/geometry.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import type { CaptionerConfig } from "../settle-captioner.ts";
import { ACTIVATION_NAMES } from "./activation.ts";
import { ATTENTION_CNN_TYPE } from "./attention-cnn-config.ts";
import { modelTypeOf, type CaptionerDecoder } from "./captioner-config.ts";
import type { VitOfUnknownHeads } from "./settle-vit.ts";

/**
 * A ViT in the fields of Hugging Face's `config.json`; heads that nothing tells are `null`. `layerScale`: whether its
 * file has factors for each channel. Pooling is added under timm's name, since Hugging Face's ViT has no other than the
 * class token.
 */
export function toHuggingFaceConfig(config: VitOfUnknownHeads, layerScale = false): Record<string, unknown> {
  const { model_type, name } = familyOf(config, layerScale);
  return {
    model_type,
    architectures: [architectureOf(config, name)],
    image_size: numberOrPair(config.positionSize ?? config.imageSize),
    patch_size: numberOrPair(config.patchSize),
    num_channels: config.channels,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.intermediateSize,
    hidden_act: ACTIVATION_NAMES[config.activation],
    layer_norm_eps: config.layerNormEpsilon,
    qkv_bias: config.queryKeyValueBias,
    ...(model_type.startsWith("dinov2") && { mlp_ratio: config.intermediateSize / config.hiddenSize }),
    ...(config.registers > 0 && { num_register_tokens: config.registers }),
    ...(config.classes !== 0 && { num_labels: config.classes }), // 0 is no number of labels
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

/** A captioner in the fields of its `config.json`, its encoder without a head. */
export const toCaptionerConfig = ({ encoder, decoder, featurePooling }: CaptionerConfig): Record<string, unknown> => ({
  model_type: modelTypeOf(decoder.kind),
  encoder: withoutHead(
    encoder.type === "vit"
      ? toHuggingFaceConfig(encoder.config, isDinov2(encoder.config))
      : toAttentionCnnConfig(encoder.config),
  ),
  decoder: decoder.kind === "recurrent" ? toRecurrentConfig(decoder) : toTransformerConfig(decoder),
  ...(featurePooling > 1 && { feature_pooling: featurePooling }),
});

const withoutHead = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).filter(([field]) => field !== "num_labels"));

const toRecurrentConfig = ({ config }: Extract<CaptionerDecoder, { kind: "recurrent" }>): Record<string, unknown> => ({
  vocab_size: config.vocabularySize,
  feature_size: config.featureSize,
  embedding_size: config.embeddingSize,
  hidden_size: config.hiddenSize,
  alignment_size: config.alignmentSize,
  alignment: config.alignment,
  output: config.output,
});

function toTransformerConfig({
  kind,
  config,
}: Exclude<CaptionerDecoder, { kind: "recurrent" }>): Record<string, unknown> {
  const activation = ACTIVATION_NAMES[config.activation];
  if (kind === "gpt2") {
    return {
      model_type: kind,
      vocab_size: config.vocabularySize,
      n_positions: config.maxPositions,
      n_embd: config.hiddenSize,
      n_layer: config.layers,
      n_head: config.heads,
      n_inner: config.intermediateSize,
      activation_function: activation,
      layer_norm_epsilon: config.layerNormEpsilon,
      tie_word_embeddings: config.tiedOutput,
    };
  }
  return {
    vocab_size: config.vocabularySize,
    feature_size: config.memorySize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.intermediateSize,
    hidden_act: activation,
    layer_norm_eps: config.layerNormEpsilon,
    norm_order: config.normOrder,
    positions: config.positions,
    max_positions: config.maxPositions,
    tie_word_embeddings: config.tiedOutput,
  };
}

/** Whether a model has something that only DINOv2's classes have a place for. */
export const isDinov2 = ({ registers, patchHead, positionSize }: VitConfig): boolean =>
  registers > 0 || patchHead || positionSize !== null;

/** The type of transformers that has such tokens and layers, and how its classes are called. */
function familyOf({ distillationToken, registers }: VitOfUnknownHeads, layerScale: boolean) {
  if (registers > 0) return { model_type: "dinov2_with_registers", name: "Dinov2WithRegisters" };
  if (layerScale) return { model_type: "dinov2", name: "Dinov2" };
  return distillationToken ? { model_type: "deit", name: "DeiT" } : { model_type: "vit", name: "ViT" };
}

function architectureOf({ distillationHead, classes }: VitOfUnknownHeads, family: string): string {
  if (classes === 0) return `${family}Model`;
  return distillationHead ? `${family}ForImageClassificationWithTeacher` : `${family}ForImageClassification`;
}

const numberOrPair = ({ width, height }: Size): number | [number, number] =>
  width === height ? width : [height, width];
