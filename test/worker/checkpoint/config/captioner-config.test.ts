import { describe, expect, test } from "vitest";
import { isCaptionerType, readCaptionerConfig } from "../../../../worker/checkpoint/config/captioner-config.ts";
import { expectRefusal } from "../code-of.ts";

const CNN = {
  model_type: "attention-cnn",
  image_size: 160,
  stem_channels: 8,
  stage_channels: [8, 16],
  stage_blocks: [1, 1],
  stage_strides: [2, 2],
  attention: null,
};

const RECURRENT = {
  architectures: ["RecurrentCaptioner"],
  model_type: "recurrent-captioner",
  encoder: CNN,
  decoder: {
    vocab_size: 3000,
    feature_size: 16,
    embedding_size: 5,
    hidden_size: 6,
    alignment_size: 7,
    alignment: "dot",
    output: "deep",
  },
  feature_pooling: 2,
};

const TRANSFORMER = {
  model_type: "transformer-captioner",
  encoder: CNN,
  decoder: {
    vocab_size: 3000,
    feature_size: 16,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 64,
    hidden_act: "gelu_new",
    layer_norm_eps: 1e-6,
    norm_order: "post",
    positions: "sinusoidal",
    max_positions: 40,
    tie_word_embeddings: true,
  },
};

/** As nlpconnect/vit-gpt2-image-captioning has it, less what no reader asks for. */
const VIT_GPT2 = {
  architectures: ["VisionEncoderDecoderModel"],
  model_type: "vision-encoder-decoder",
  is_encoder_decoder: true,
  tie_word_embeddings: false,
  bos_token_id: 50256,
  decoder_start_token_id: 50256,
  eos_token_id: 50256,
  pad_token_id: 50256,
  encoder: {
    architectures: ["ViTModel"],
    model_type: "vit",
    encoder_stride: 16,
    hidden_size: 768,
    image_size: 224,
    layer_norm_eps: 1e-12,
    patch_size: 16,
  },
  decoder: {
    activation_function: "gelu_new",
    add_cross_attention: true,
    architectures: ["GPT2LMHeadModel"],
    bos_token_id: 50256,
    decoder_start_token_id: 50256,
    eos_token_id: 50256,
    is_decoder: true,
    layer_norm_epsilon: 1e-5,
    model_type: "gpt2",
    n_ctx: 1024,
    n_embd: 768,
    n_head: 12,
    n_inner: null,
    n_layer: 12,
    n_positions: 1024,
    num_beams: 1,
    scale_attn_weights: true,
    tie_word_embeddings: true,
    vocab_size: 50257,
  },
};

function read(json: Record<string, unknown>) {
  const { model_type: type } = json;
  if (!isCaptionerType(type)) throw new Error(`${String(type)} is no captioner's`);
  return readCaptionerConfig(json, type, "config.json");
}

/** The same config with other fields in one of its parts, or beside them. */
const withFields = (json: { encoder: object; decoder: object }, part: "encoder" | "decoder" | null, fields: object) =>
  part === null ? { ...json, ...fields } : { ...json, [part]: { ...json[part], ...fields } };

describe("reads", () => {
  test("a recurrent captioner", () => {
    expect(read(RECURRENT)).toMatchObject({
      encoder: { type: "attention-cnn", declared: { config: { imageSize: { width: 160, height: 160 } } } },
      encoderJson: CNN,
      decoder: {
        kind: "recurrent",
        config: {
          vocabularySize: 3000,
          featureSize: 16,
          embeddingSize: 5,
          hiddenSize: 6,
          alignmentSize: 7,
          alignment: "dot",
          output: "deep",
        },
      },
      featurePooling: 2,
      tokens: {},
    });
  });

  test("a Transformer captioner; features are not pooled unless it says so", () => {
    expect(read(TRANSFORMER)).toMatchObject({
      decoder: {
        kind: "transformer",
        config: {
          vocabularySize: 3000,
          memorySize: 16,
          hiddenSize: 32,
          layers: 2,
          heads: 4,
          intermediateSize: 64,
          activation: "gelu-tanh",
          layerNormEpsilon: 1e-6,
          normOrder: "post",
          positions: "sinusoidal",
          maxPositions: 40,
          tiedOutput: true,
        },
      },
      featurePooling: 1,
    });
  });

  test("a ViT before a GPT-2, as the best known of them is published", () => {
    expect(read(VIT_GPT2)).toMatchObject({
      encoder: { type: "vit", declared: { hiddenSize: 768, heads: 12, layers: 12 } },
      decoder: {
        kind: "gpt2",
        config: {
          vocabularySize: 50257,
          memorySize: 768,
          hiddenSize: 768,
          layers: 12,
          heads: 12,
          intermediateSize: 3072,
          activation: "gelu-tanh",
          layerNormEpsilon: 1e-5,
          normOrder: "pre",
          positions: "learned",
          maxPositions: 1024,
          tiedOutput: true,
        },
      },
      tokens: { start: 50256, ends: [50256] },
    });
  });

  test("a GPT-2 that says nothing: the values of transformers' own GPT2Config; tokens from the decoder", () => {
    const { decoder, tokens } = read({
      model_type: "vision-encoder-decoder",
      encoder: { model_type: "deit", hidden_size: 192 },
      decoder: { model_type: "gpt2", bos_token_id: 7, eos_token_id: [9] },
    });
    const { config } = decoder;
    expect(config).toMatchObject({ vocabularySize: 50257, memorySize: 192, hiddenSize: 768, intermediateSize: 3072 });
    expect(config).toMatchObject({ layers: 12, heads: 12, maxPositions: 1024, tiedOutput: true });
    expect(tokens).toEqual({ start: 7, ends: [9] });
  });
});

test("any of several tokens ends a sentence, as in newer files of Hugging Face's", () => {
  const { tokens } = read(withFields(VIT_GPT2, null, { eos_token_id: [50256, 13] }));
  expect(tokens.ends).toEqual([50256, 13]);
});

describe("config-malformed, naming the field", () => {
  test.each([
    ["no encoder", { ...RECURRENT, encoder: null }, ["encoder: wanted an object, got null"]],
    ["no decoder", { ...RECURRENT, decoder: undefined }, ["decoder: wanted an object, got nothing"]],
    ["an encoder of no type", withFields(RECURRENT, "encoder", { model_type: 3 }), ["encoder.model_type"]],
    ["an encoder's own fault", withFields(RECURRENT, "encoder", { stage_strides: [2] }), ["encoder: stage_strides"]],
    [
      "a missing size",
      withFields(RECURRENT, "decoder", { hidden_size: undefined }),
      ["decoder: hidden_size", "a value"],
    ],
    ["a size of 0", withFields(RECURRENT, "decoder", { alignment_size: 0 }), ["alignment_size", "above 0", "got 0"]],
    ["another alignment", withFields(RECURRENT, "decoder", { alignment: "cosine" }), ["additive or dot", '"cosine"']],
    ["another output", withFields(RECURRENT, "decoder", { output: 1 }), ["output", "hidden or deep"]],
    ["half a pooling", withFields(RECURRENT, null, { feature_pooling: 1.5 }), ["feature_pooling", "above 0", "1.5"]],
    [
      "heads that do not divide",
      withFields(TRANSFORMER, "decoder", { num_attention_heads: 5 }),
      ["num_attention_heads", "divisor of hidden_size 32"],
    ],
    ["positions without end", withFields(TRANSFORMER, "decoder", { max_positions: 1e9 }), ["max_positions", "65536"]],
    [
      "another activation",
      withFields(TRANSFORMER, "decoder", { hidden_act: "mish" }),
      ["hidden_act", "gelu", '"mish"'],
    ],
    [
      "a CNN before a GPT-2",
      { ...VIT_GPT2, encoder: CNN },
      ["encoder: model_type", "a ViT before a GPT-2", "attention-cnn"],
    ],
    ["GPT-2's heads", withFields(VIT_GPT2, "decoder", { n_head: 7 }), ["n_head", "divisor of n_embd 768"]],
    [
      "unscaled attention",
      withFields(VIT_GPT2, "decoder", { scale_attn_weights: false }),
      ["scale_attn_weights", "true"],
    ],
    [
      "attention scaled by layer",
      withFields(VIT_GPT2, "decoder", { scale_attn_by_inverse_layer_idx: true }),
      ["scale_attn_by_inverse_layer_idx", "false"],
    ],
    ["a vocabulary without end", withFields(VIT_GPT2, "decoder", { vocab_size: 1e12 }), ["vocab_size", "1000000"]],
    ["ends of no token", withFields(VIT_GPT2, null, { eos_token_id: [] }), ["eos_token_id", "a token, or a list of"]],
    ["ends that are none", withFields(VIT_GPT2, null, { eos_token_id: [1, "2"] }), ["a token, or a list of", '"2"']],
    [
      "two starts",
      withFields(VIT_GPT2, null, { decoder_start_token_id: [1, 2] }),
      ["decoder_start_token_id", "one token", "[1,2]"],
    ],
  ] as [string, Record<string, unknown>, string[]][])("%s", async (_, json, words) => {
    await expectRefusal(() => read(json), "config-malformed", "config.json: ", ...words);
  });
});

test.each([
  [
    "another decoder",
    withFields(VIT_GPT2, "decoder", { model_type: "bert" }),
    ["decoder: model_type", "gpt2", '"bert"'],
  ],
  ["another encoder", withFields(VIT_GPT2, "encoder", { model_type: "swin" }), ['"swin"', "vit, deit, dinov2"]],
])("config-unsupported: %s", async (_, json, words) => {
  await expectRefusal(() => read(json), "config-unsupported", ...words);
});

test("types that are none of a captioner's, Object's own names among them", () => {
  for (const type of ["vit", "constructor", "toString", undefined, null, 7]) expect(isCaptionerType(type)).toBe(false);
});
