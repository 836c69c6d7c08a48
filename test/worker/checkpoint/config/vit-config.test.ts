import { describe, expect, test } from "vitest";
import { readVitConfig } from "../../../../worker/checkpoint/config/vit-config.ts";
import { expectRefusal } from "../code-of.ts";

describe("Hugging Face", () => {
  test("what the file leaves out is what transformers takes", () => {
    expect(readVitConfig({ model_type: "vit" })).toMatchObject({
      hiddenSize: 768,
      layers: 12,
      heads: 12,
      intermediateSize: 3072,
      activation: "gelu",
      layerNormEpsilon: 1e-12,
      imageSize: { width: 224, height: 224 },
      patchSize: { width: 16, height: 16 },
      channels: 3,
      queryKeyValueBias: true,
      classToken: true,
      distillationToken: false,
    });
  });

  test("every field is read; pairs are [height, width]; null is the same as nothing", () => {
    const config = readVitConfig({
      model_type: "vit",
      architectures: ["ViTForImageClassification"],
      hidden_size: 64,
      num_hidden_layers: 3,
      num_attention_heads: 8,
      intermediate_size: 100,
      hidden_act: "gelu_new",
      layer_norm_eps: 1e-5,
      image_size: [48, 40],
      patch_size: [8, 4],
      num_channels: 1,
      qkv_bias: false,
      pooler_output_size: null,
      id2label: null,
    });
    expect(config).toMatchObject({
      hiddenSize: 64,
      layers: 3,
      heads: 8,
      intermediateSize: 100,
      activation: "gelu-tanh",
      layerNormEpsilon: 1e-5,
      imageSize: { width: 40, height: 48 },
      patchSize: { width: 4, height: 8 },
      channels: 1,
      queryKeyValueBias: false,
      head: true,
    });
  });

  test.each([
    ["gelu", "gelu"],
    ["gelu_pytorch_tanh", "gelu-tanh"],
    ["gelu_new", "gelu-tanh"],
    ["relu", "relu"],
    ["silu", "silu"],
    ["swish", "silu"],
  ])("activation %s is %s", (name, activation) => {
    expect(readVitConfig({ model_type: "vit", hidden_act: name }).activation).toBe(activation);
  });

  test("DeiT has a distillation token; with a teacher, two heads", () => {
    const deit = (architecture: string) => readVitConfig({ model_type: "deit", architectures: [architecture] });
    expect(deit("DeiTModel")).toMatchObject({ distillationToken: true });
    expect(deit("DeiTModel").head).toBeUndefined();
    expect(deit("DeiTForImageClassification")).toMatchObject({ distillationToken: true, head: true });
    expect(deit("DeiTForImageClassification").distillationHead).toBeUndefined();
    expect(deit("DeiTForImageClassificationWithTeacher")).toMatchObject({ distillationHead: true, head: true });
  });

  test("DINOv2 has layer scale and, where its name says so, registers; a classifier reads the patches too", () => {
    const small = {
      ...{ architectures: ["Dinov2Model"], hidden_size: 384, image_size: 518, layer_norm_eps: 1e-6, mlp_ratio: 4 },
      ...{ model_type: "dinov2", num_attention_heads: 6, patch_size: 14, use_swiglu_ffn: false }, // facebook/dinov2-small
    };
    const side = { width: 518, height: 518 };
    expect(readVitConfig(small)).toMatchObject({
      ...{ hiddenSize: 384, intermediateSize: 1536, heads: 6, imageSize: side, positionSize: side },
      ...{ layerScale: true, registers: 0, positionFilter: "bicubic", classToken: true, distillationToken: false },
    });
    expect(readVitConfig(small).head).toBeUndefined();
    expect(readVitConfig({ model_type: "dinov2" })).toMatchObject({ patchSize: { width: 14 }, intermediateSize: 3072 });
    const registers = { architectures: ["Dinov2WithRegistersForImageClassification"] };
    expect(readVitConfig(registers)).toMatchObject({
      ...{ registers: 4, positionFilter: "antialiased", patchSize: { width: 16 }, layerNormEpsilon: 1e-6 },
      ...{ head: true, patchHead: true },
    });
    expect(readVitConfig({ ...registers, num_register_tokens: 2 }).registers).toBe(2);
  });

  test("a file without a type states only what it says", () => {
    expect(readVitConfig({ num_attention_heads: 4 })).toEqual({
      heads: 4,
      labels: { byIndex: new Map(), classes: null },
    });
  });
});

describe("timm", () => {
  test("a published file: the name gives depth, heads and patches", () => {
    const config = readVitConfig({
      architecture: "vit_tiny_patch16_224",
      num_classes: 1000,
      num_features: 192,
      global_pool: "token",
      pretrained_cfg: { tag: "augreg_in21k_ft_in1k", input_size: [3, 224, 224], pool_size: null, crop_pct: 0.9 },
    });
    expect(config).toMatchObject({
      hiddenSize: 192,
      layers: 12,
      heads: 3,
      patchSize: { width: 16, height: 16 },
      imageSize: { width: 224, height: 224 },
      channels: 3,
      layerNormEpsilon: 1e-6,
      pooling: "class",
      distillationToken: false,
      head: true,
      labels: { classes: 1000 },
    });
  });

  test.each([
    ["vit_small_patch16_224", 384, 12, 6],
    ["vit_base_patch32_224", 768, 12, 12],
    ["vit_large_patch16_384", 1024, 24, 16],
    ["deit_tiny_distilled_patch16_224", 192, 12, 3],
    ["deit3_small_patch16_224", 384, 12, 6],
    ["vit_base_patch14_reg4_dinov2", 768, 12, 12],
  ])("%s is %i wide, %i deep, with %i heads", (architecture, hiddenSize, layers, heads) => {
    const config = readVitConfig({ architecture });
    expect(config).toMatchObject({ hiddenSize, layers, heads });
    expect(config.distillationToken).toBe(architecture.includes("distilled"));
  });

  test("model_args change what the name says; a width of its own leaves the rest to the weights", () => {
    const args = {
      img_size: [32, 48],
      patch_size: 8,
      embed_dim: 100,
      depth: 2,
      num_heads: 5,
      mlp_ratio: 1.5,
      act_layer: "relu",
    };
    expect(readVitConfig({ architecture: "vit_tiny_patch16_224", model_args: args })).toMatchObject({
      imageSize: { width: 48, height: 32 },
      patchSize: { width: 8, height: 8 },
      hiddenSize: 100,
      layers: 2,
      heads: 5,
      intermediateSize: 150,
      activation: "relu",
    });
    const altered = readVitConfig({ architecture: "vit_tiny_patch16_224", num_features: 64 });
    expect(altered.hiddenSize).toBe(64);
    for (const field of ["layers", "heads", "imageSize", "patchSize"] as const) expect(altered[field]).toBeUndefined();
  });

  test("label_names, in either form", () => {
    const labels = { architecture: "vit_tiny_patch16_224", num_classes: 2 };
    const wanted = new Map([[0, "cat"], [1, "dog"]]); // prettier-ignore
    expect(readVitConfig({ ...labels, label_names: ["cat", "dog"] }).labels).toEqual({ byIndex: wanted, classes: 2 });
    expect(readVitConfig({ ...labels, label_names: { 1: "dog", 0: "cat" } }).labels).toEqual({
      byIndex: wanted,
      classes: 2,
    });
  });

  test("no classes, no head; mean pooling", () => {
    expect(readVitConfig({ architecture: "vit_base_patch16_224", num_classes: 0 }).head).toBe(false);
    expect(readVitConfig({ architecture: "vit_base_patch16_224", global_pool: "avg" }).pooling).toBe("mean");
  });
});

test("timm's older form: sizes and labels stand beside the architecture", () => {
  const config = readVitConfig({
    ...{ architecture: "vit_tiny_patch16_224", num_classes: 2, input_size: [1, 96, 96], labels: ["cat", "dog"] },
  });
  expect(config).toMatchObject({ imageSize: { width: 96, height: 96 }, channels: 1, hiddenSize: 192 });
  expect([...config.labels.byIndex.values()]).toEqual(["cat", "dog"]);
});

describe("refused", () => {
  test.each([
    [{ model_type: "resnet", architectures: ["ResNetForImageClassification"] }, "resnet"],
    [{ model_type: "bert" }, "bert"],
    [{ model_type: "swin" }, "swin"],
    [{ model_type: "vision-encoder-decoder" }, "vision-encoder-decoder"],
    [{ model_type: 7 }, "7"],
    [{ architectures: ["BertModel"] }, "BertModel"],
    [{ model_type: "vit", architectures: ["ViTForMaskedImageModeling"] }, "ViTForMaskedImageModeling"],
    [{ architecture: "resnet50" }, "resnet50"],
    [{ architecture: "swin_tiny_patch4_window7_224" }, "swin_tiny_patch4_window7_224"],
    [{ architecture: "vit_base_patch16_clip_quickgelu_224" }, "quickgelu"],
    [{ architecture: "vit_small_r26_s32_224" }, "vit_small_r26_s32_224"],
    [{ architecture: "vit_base_patch16_rpn_224" }, "vit_base_patch16_rpn_224"],
    [{ architecture: "vit_giant_patch14_reg4_dinov2" }, "vit_giant_patch14_reg4_dinov2"], // its units have gates
    [{ architecture: "vit_small_patch16_dinov3" }, "vit_small_patch16_dinov3"],
    [{ architecture: "vit_base_patch16_224", global_pool: "map" }, "map"],
    [{ model_type: "dinov2", use_swiglu_ffn: true }, "use_swiglu_ffn: wanted false, got true"], // DINOv2's giant
  ])("%j, as a model of another kind", async (json, name) => {
    await expectRefusal(() => readVitConfig(json), "config-unsupported", name, "config.json");
  });

  test.each([
    [{ hidden_size: 0 }, "hidden_size: wanted a whole number above 0, got 0"],
    [{ hidden_size: "768" }, 'hidden_size: wanted a whole number above 0, got "768"'],
    [{ num_hidden_layers: 1.5 }, "num_hidden_layers: wanted a whole number above 0, got 1.5"],
    [
      { model_type: undefined, architecture: "vit_base_patch16_224", model_args: { pool_include_prefix: true } },
      "model_args.pool_include_prefix: wanted false, the one patchlight computes, got true",
    ],
    [{ num_hidden_layers: 1e9 }, "num_hidden_layers: wanted at most 1000, got 1000000000"],
    [{ num_attention_heads: -3 }, "num_attention_heads: wanted a whole number above 0, got -3"],
    [{ intermediate_size: 2 ** 60 }, "intermediate_size: wanted a whole number above 0"],
    [{ hidden_act: "quick_gelu" }, "hidden_act: wanted one of gelu,"],
    [{ hidden_act: "toString" }, "hidden_act: wanted one of gelu,"],
    [{ hidden_act: 5 }, "hidden_act: wanted text, got 5"],
    [{ architectures: ["ViTModel"], pooler_act: "relu" }, "pooler_act: wanted tanh"],
    [{ layer_norm_eps: 0 }, "layer_norm_eps: wanted a number above 0, got 0"],
    [{ use_swiglu_ffn: 1 }, "use_swiglu_ffn: wanted true or false, got 1"],
    [{ image_size: [224] }, "image_size: wanted a whole number above 0, or [height, width], got [224]"],
    [{ patch_size: {} }, "patch_size: wanted a whole number above 0, or [height, width], got {}"],
    [{ qkv_bias: "yes" }, 'qkv_bias: wanted true or false, got "yes"'],
    [{ id2label: { cat: 0 } }, 'id2label: wanted class indices as keys, got "cat"'],
    [{ id2label: { "-1": "cat" } }, "id2label: wanted class indices as keys"],
    [{ id2label: { 0: ["cat"] } }, "id2label"],
    [{ id2label: "cat" }, "id2label: wanted an object of names by class index"],
  ])("%j, telling the field, what was wanted and got", async (fields, words) => {
    await expectRefusal(
      () => readVitConfig({ model_type: "vit", ...fields }),
      "config-malformed",
      `config.json: ${words}`,
    );
  });

  test.each([[[]], [null], ["vit"], [3]])("%j, as no object", async (json) => {
    await expectRefusal(() => readVitConfig(json), "config-malformed", "config.json: wanted an object");
  });
});
