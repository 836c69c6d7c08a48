import { whole, type NamingScheme } from "./naming-scheme.ts";

const IGNORABLE = [
  { pattern: /^embeddings\.position_ids$/, reason: "the numbers 0, 1, 2, …, a buffer of old files" },
  { pattern: /^embeddings\.mask_token$/, reason: "used in masked pre-training alone" },
];

/** transformers up to 5.8: `ViTModel`, and with a prefix `vit.` or `deit.` the classifiers around it. */
export const HUGGING_FACE_4: NamingScheme = {
  title: "Hugging Face (transformers up to 5.8)",
  places: whole({
    "embeddings.cls_token": "embeddings.cls_token",
    "embeddings.distillation_token": "embeddings.distillation_token",
    "embeddings.register_tokens": "embeddings.register_tokens",
    "embeddings.position_embeddings": "embeddings.position_embeddings",
    "embeddings.patch_embeddings.projection": "embeddings.patch_embeddings.projection.{leaf}",
    "encoder.layer.{layer}.layernorm_before": "encoder.layer.{layer}.layernorm_before.{leaf}",
    "encoder.layer.{layer}.attention.attention.query": "encoder.layer.{layer}.attention.attention.query.{leaf}",
    "encoder.layer.{layer}.attention.attention.key": "encoder.layer.{layer}.attention.attention.key.{leaf}",
    "encoder.layer.{layer}.attention.attention.value": "encoder.layer.{layer}.attention.attention.value.{leaf}",
    "encoder.layer.{layer}.attention.output.dense": "encoder.layer.{layer}.attention.output.dense.{leaf}",
    "encoder.layer.{layer}.layer_scale1.lambda1": "encoder.layer.{layer}.layer_scale1.lambda1",
    "encoder.layer.{layer}.layernorm_after": "encoder.layer.{layer}.layernorm_after.{leaf}",
    "encoder.layer.{layer}.intermediate.dense": "encoder.layer.{layer}.intermediate.dense.{leaf}",
    "encoder.layer.{layer}.output.dense": "encoder.layer.{layer}.output.dense.{leaf}",
    "encoder.layer.{layer}.layer_scale2.lambda1": "encoder.layer.{layer}.layer_scale2.lambda1",
    layernorm: "layernorm.{leaf}",
    "pooler.dense": "pooler.dense.{leaf}",
    classifier: "classifier.{leaf}",
    distillation_classifier: "distillation_classifier.{leaf}",
  }),
  ignorable: IGNORABLE,
  unsupported: [],
  bringsConfig: true,
  layerNormEpsilon: 1e-12,
  finalNorm: "tokens",
};

/** transformers from 5.9. */
export const HUGGING_FACE_5: NamingScheme = {
  ...HUGGING_FACE_4,
  title: "Hugging Face (transformers from 5.9)",
  places: {
    ...HUGGING_FACE_4.places,
    ...whole({
      "encoder.layer.{layer}.layernorm_before": "layers.{layer}.layernorm_before.{leaf}",
      "encoder.layer.{layer}.attention.attention.query": "layers.{layer}.attention.q_proj.{leaf}",
      "encoder.layer.{layer}.attention.attention.key": "layers.{layer}.attention.k_proj.{leaf}",
      "encoder.layer.{layer}.attention.attention.value": "layers.{layer}.attention.v_proj.{leaf}",
      "encoder.layer.{layer}.attention.output.dense": "layers.{layer}.attention.o_proj.{leaf}",
      "encoder.layer.{layer}.layernorm_after": "layers.{layer}.layernorm_after.{leaf}",
      "encoder.layer.{layer}.intermediate.dense": "layers.{layer}.mlp.fc1.{leaf}",
      "encoder.layer.{layer}.output.dense": "layers.{layer}.mlp.fc2.{leaf}",
    }),
  },
};

/** `Dinov2Model` and `Dinov2WithRegistersModel`, and the classifiers around them. */
export const HUGGING_FACE_DINOV2: NamingScheme = {
  ...HUGGING_FACE_4,
  title: "Hugging Face, DINOv2",
  places: {
    ...HUGGING_FACE_4.places,
    ...whole({
      "encoder.layer.{layer}.layernorm_before": "encoder.layer.{layer}.norm1.{leaf}",
      "encoder.layer.{layer}.layernorm_after": "encoder.layer.{layer}.norm2.{leaf}",
      "encoder.layer.{layer}.intermediate.dense": "encoder.layer.{layer}.mlp.fc1.{leaf}",
      "encoder.layer.{layer}.output.dense": "encoder.layer.{layer}.mlp.fc2.{leaf}",
    }),
  },
  unsupported: [{ pattern: /\.mlp\.weights_(in|out)\./, reason: "a feed-forward layer with a gate" }],
  layerNormEpsilon: 1e-6,
};

/** `DeiTForImageClassificationWithTeacher`: the class token's head is named apart from the distillation token's. */
const withTeacher = (scheme: NamingScheme): NamingScheme => ({
  ...scheme,
  title: `${scheme.title}, DeiT with teacher`,
  places: { ...scheme.places, classifier: { name: "cls_classifier.{leaf}" } },
});

export const HUGGING_FACE_4_TEACHER = withTeacher(HUGGING_FACE_4);
export const HUGGING_FACE_5_TEACHER = withTeacher(HUGGING_FACE_5);
