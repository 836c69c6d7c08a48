import { third, whole, type NamingScheme } from "./naming-scheme.ts";

const BLOCK = "encoder.layers.encoder_layer_{layer}";

/** torchvision's `VisionTransformer` (0.14 and later). */
export const TORCHVISION: NamingScheme = {
  title: "torchvision",
  places: {
    ...whole({
      "embeddings.cls_token": "class_token",
      "embeddings.distillation_token": "distillation_token", // torchvision has none, nor what bears the next names
      "embeddings.register_tokens": "register_tokens",
      "encoder.layer.{layer}.layer_scale1.lambda1": `${BLOCK}.layer_scale_1`,
      "encoder.layer.{layer}.layer_scale2.lambda1": `${BLOCK}.layer_scale_2`,
      "embeddings.position_embeddings": "encoder.pos_embedding",
      "embeddings.patch_embeddings.projection": "conv_proj.{leaf}",
      "encoder.layer.{layer}.layernorm_before": `${BLOCK}.ln_1.{leaf}`,
      "encoder.layer.{layer}.attention.output.dense": `${BLOCK}.self_attention.out_proj.{leaf}`,
      "encoder.layer.{layer}.layernorm_after": `${BLOCK}.ln_2.{leaf}`,
      "encoder.layer.{layer}.intermediate.dense": `${BLOCK}.mlp.0.{leaf}`,
      "encoder.layer.{layer}.output.dense": `${BLOCK}.mlp.3.{leaf}`,
      layernorm: "encoder.ln.{leaf}",
      "pooler.dense": "pooler.dense.{leaf}",
      classifier: "heads.head.{leaf}",
      distillation_classifier: "heads.distillation.{leaf}", // torchvision has none
    }),
    "encoder.layer.{layer}.attention.attention.query": third(`${BLOCK}.self_attention.in_proj_{leaf}`, 0),
    "encoder.layer.{layer}.attention.attention.key": third(`${BLOCK}.self_attention.in_proj_{leaf}`, 1),
    "encoder.layer.{layer}.attention.attention.value": third(`${BLOCK}.self_attention.in_proj_{leaf}`, 2),
  },
  ignorable: [],
  unsupported: [{ pattern: /^heads\.pre_logits\./, reason: "torchvision's representation layer" }],
  bringsConfig: false,
  layerNormEpsilon: 1e-6,
  pretrainedCfg: { interpolation: "bilinear" }, // the rest is as timm fills it: 256 pixels, a crop of 224, ImageNet's colours
  finalNorm: "tokens",
};

/** torchvision 0.12 and 0.13 called the two feed-forward layers by name. */
export const TORCHVISION_OLD: NamingScheme = {
  ...TORCHVISION,
  title: "torchvision (up to 0.13)",
  places: {
    ...TORCHVISION.places,
    ...whole({
      "encoder.layer.{layer}.intermediate.dense": `${BLOCK}.mlp.linear_1.{leaf}`,
      "encoder.layer.{layer}.output.dense": `${BLOCK}.mlp.linear_2.{leaf}`,
    }),
  },
};

/** torchvision's models after `model.heads = nn.Linear(…)`, a common way to begin fine-tuning. */
const withBareHead = (scheme: NamingScheme): NamingScheme => ({
  ...scheme,
  places: { ...scheme.places, classifier: { name: "heads.{leaf}" } },
});

export const TORCHVISION_BARE_HEAD = withBareHead(TORCHVISION);
export const TORCHVISION_OLD_BARE_HEAD = withBareHead(TORCHVISION_OLD);
