import { kernel, whole, type ModulePlace, type NamingScheme } from "./naming-scheme.ts";

const BLOCK = "Transformer/encoderblock_{layer}";
const ATTENTION = `${BLOCK}/MultiHeadDotProductAttention_1`;

/** A norm's weight is called scale. */
const norm = (name: string): ModulePlace => ({ name: `${name}/{leaf}`, weight: "scale" });

/** google-research's `.npz` files; computed as timm does, with GELU by erf. https://github.com/google-research/vision_transformer. */
export const FLAX: NamingScheme = {
  title: "google-research (Flax)",
  places: {
    ...whole({
      "embeddings.cls_token": "cls",
      "embeddings.distillation_token": "distillation_token", // there is none, nor what bears the next names
      "embeddings.register_tokens": "register_tokens",
      "encoder.layer.{layer}.layer_scale1.lambda1": `${BLOCK}/layer_scale_1`,
      "encoder.layer.{layer}.layer_scale2.lambda1": `${BLOCK}/layer_scale_2`,
      "pooler.dense": "pooler/{leaf}",
      distillation_classifier: "distillation_head/{leaf}",
      "embeddings.position_embeddings": "Transformer/posembed_input/pos_embedding",
    }),
    "embeddings.patch_embeddings.projection": kernel("embedding", 3),
    "encoder.layer.{layer}.layernorm_before": norm(`${BLOCK}/LayerNorm_0`),
    "encoder.layer.{layer}.attention.attention.query": kernel(`${ATTENTION}/query`, 1),
    "encoder.layer.{layer}.attention.attention.key": kernel(`${ATTENTION}/key`, 1),
    "encoder.layer.{layer}.attention.attention.value": kernel(`${ATTENTION}/value`, 1),
    "encoder.layer.{layer}.attention.output.dense": kernel(`${ATTENTION}/out`, 2),
    "encoder.layer.{layer}.layernorm_after": norm(`${BLOCK}/LayerNorm_2`),
    "encoder.layer.{layer}.intermediate.dense": kernel(`${BLOCK}/MlpBlock_3/Dense_0`, 1),
    "encoder.layer.{layer}.output.dense": kernel(`${BLOCK}/MlpBlock_3/Dense_1`, 1),
    layernorm: norm("Transformer/encoder_norm"),
    classifier: kernel("head", 1),
  },
  ignorable: [],
  unsupported: [{ pattern: /^pre_logits\//, reason: "a representation layer" }],
  bringsConfig: false,
  layerNormEpsilon: 1e-6,
  finalNorm: "tokens",
};
