import { third, whole, type NamingScheme } from "./naming-scheme.ts";

/** timm, and the files of DeiT and DINO that share its names. */
export const TIMM: NamingScheme = {
  title: "timm",
  places: {
    ...whole({
      "embeddings.cls_token": "cls_token",
      "embeddings.distillation_token": "dist_token",
      "embeddings.register_tokens": "reg_token",
      "embeddings.position_embeddings": "pos_embed",
      "embeddings.patch_embeddings.projection": "patch_embed.proj.{leaf}",
      "encoder.layer.{layer}.layernorm_before": "blocks.{layer}.norm1.{leaf}",
      "encoder.layer.{layer}.attention.output.dense": "blocks.{layer}.attn.proj.{leaf}",
      "encoder.layer.{layer}.layer_scale1.lambda1": "blocks.{layer}.ls1.gamma",
      "encoder.layer.{layer}.layernorm_after": "blocks.{layer}.norm2.{leaf}",
      "encoder.layer.{layer}.intermediate.dense": "blocks.{layer}.mlp.fc1.{leaf}",
      "encoder.layer.{layer}.output.dense": "blocks.{layer}.mlp.fc2.{leaf}",
      "encoder.layer.{layer}.layer_scale2.lambda1": "blocks.{layer}.ls2.gamma",
      layernorm: "norm.{leaf}",
      "pooler.dense": "pooler.dense.{leaf}",
      classifier: "head.{leaf}",
      distillation_classifier: "head_dist.{leaf}",
    }),
    "encoder.layer.{layer}.attention.attention.query": third("blocks.{layer}.attn.qkv.{leaf}", 0),
    "encoder.layer.{layer}.attention.attention.key": third("blocks.{layer}.attn.qkv.{leaf}", 1),
    "encoder.layer.{layer}.attention.attention.value": third("blocks.{layer}.attn.qkv.{leaf}", 2),
  },
  ignorable: [{ pattern: /^head\.(mlp|last_layer)\./, reason: "DINO's projection head, used in pre-training alone" }],
  unsupported: [
    { pattern: /^(pre_logits)\./, reason: "a representation layer" },
    { pattern: /^norm_pre\./, reason: "a norm before the first block" },
    { pattern: /^attn_pool\./, reason: "attention pooling" },
    { pattern: /\.(q_norm|k_norm)\./, reason: "query-key normalisation" },
  ],
  bringsConfig: false,
  layerNormEpsilon: 1e-6,
  finalNorm: "tokens",
};

/** The files that DINOv2's authors publish. */
export const DINOV2: NamingScheme = {
  ...TIMM,
  title: "DINOv2",
  places: { ...TIMM.places, "embeddings.register_tokens": { name: "register_tokens" } },
  ignorable: [{ pattern: /^mask_token$/, reason: "used in masked pre-training alone" }],
  pretrainedCfg: () => ({ crop_pct: 1 }), // the rest as timm fills it: bicubic, ImageNet's colours
};

/** The files that DeiT III's authors publish. */
export const DEIT_3: NamingScheme = {
  ...TIMM,
  title: "DeiT III",
  places: {
    ...TIMM.places,
    ...whole({
      "encoder.layer.{layer}.layer_scale1.lambda1": "blocks.{layer}.gamma_1",
      "encoder.layer.{layer}.layer_scale2.lambda1": "blocks.{layer}.gamma_2",
    }),
  },
  pretrainedCfg: () => ({ crop_pct: 1 }),
};

/** timm with mean pooling: the norm named `fc_norm` runs on the mean, and there is none on the tokens. */
export const TIMM_MEAN: NamingScheme = {
  ...TIMM,
  title: "timm, mean pooling",
  places: { ...TIMM.places, layernorm: { name: "fc_norm.{leaf}" } },
  finalNorm: "pooled",
};
