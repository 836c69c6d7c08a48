import { third, whole, type NamingScheme, type PreparedModel } from "./naming-scheme.ts";

const BLOCK = "encoder.layers.encoder_layer_{layer}";

/**
 * What the weights that torchvision publishes are prepared with (`ViT_…_Weights` in its models/vision_transformer.py): of a
 * model that has several at 224 pixels, `IMAGENET1K_V1`. Other sizes are taken to be made from those. The rest is as timm
 * fills it: 256 pixels for a crop of 224, bicubic, ImageNet's colours.
 */
function ownRecipe({ imageSize: { width }, patchSize, hiddenSize }: PreparedModel): object {
  if (patchSize.width === 14 || SWAG_SIZES.includes(width)) return { crop_pct: 1 };
  const isL16 = width === 224 && patchSize.width === 16 && hiddenSize === 1024; // alone resized to 242 pixels
  return { interpolation: "bilinear", ...(isL16 && { crop_pct: 224 / 242 }) };
}

const SWAG_SIZES: readonly number[] = [384, 512, 518]; // pixels, of `IMAGENET1K_SWAG_E2E_V1` alone; H/14's are all SWAG's

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
  pretrainedCfg: ownRecipe,
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
