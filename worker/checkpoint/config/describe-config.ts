import type { Size } from "../../contract/geometry.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import type { SettledVit } from "./settle-vit.ts";

const ACTIVATION_NAMES: Readonly<Record<VitConfig["activation"], string>> = {
  gelu: "gelu",
  "gelu-tanh": "gelu_pytorch_tanh",
  relu: "relu",
  silu: "silu",
};

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

function architectureOf({ distillationToken, distillationHead, classes }: SettledVit): string {
  const family = distillationToken ? "DeiT" : "ViT";
  if (classes === 0) return `${family}Model`;
  return distillationHead ? `${family}ForImageClassificationWithTeacher` : `${family}ForImageClassification`;
}

const numberOrPair = ({ width, height }: Size): number | [number, number] =>
  width === height ? width : [height, width];
