import { expect, test } from "vitest";
import { settleVit } from "../../../../worker/checkpoint/config/settle-vit.ts";
import { readVitConfig } from "../../../../worker/checkpoint/config/vit-config.ts";
import { detectScheme } from "../../../../worker/checkpoint/names/detect-scheme.ts";
import type { HostTensor } from "../../../../worker/contract/host-tensor.ts";
import { expectRefusal } from "../code-of.ts";

const tensor = (...shape: number[]): HostTensor => ({ dtype: "U8", shape, bytes: new Uint8Array(0) }); // shapes alone matter

/** The tensors of a bare timm file that tell its sizes. */
const bare = (width: number, positions = 1 + 14 * 14, block = "blocks.11"): Map<string, HostTensor> =>
  new Map([
    ["cls_token", tensor(1, 1, width)],
    ["pos_embed", tensor(1, positions, width)],
    ["patch_embed.proj.weight", tensor(width, 3, 16, 16)],
    ["blocks.0.mlp.fc1.weight", tensor(4 * width, width)],
    ["blocks.0.attn.qkv.bias", tensor(3 * width)],
    [`${block}.norm1.weight`, tensor(width)],
    ["head.weight", tensor(1000, width)],
  ]);

const settleWhole = (tensors: Map<string, HostTensor>, json: object = {}) =>
  settleVit(readVitConfig(json), detectScheme([...tensors.keys()])!, tensors);

const settle = (tensors: Map<string, HostTensor>, json?: object) => settleWhole(tensors, json).config;

test.each([
  [192, 3],
  [384, 6],
  [768, 12],
  [1024, 16],
  [1280, 16], // ViT-H/14: 80 numbers a head
  [1408, 16], // ViT-g/14: 88
  [1664, 16], // ViT-G/14: 104
  [100, null],
])("a bare file %i wide has %s heads", (width, heads) => {
  expect(settle(bare(width)).heads).toBe(heads);
});

test("everything else of a bare file comes from its shapes", () => {
  expect(settle(bare(192))).toEqual({
    imageSize: { width: 224, height: 224 },
    patchSize: { width: 16, height: 16 },
    channels: 3,
    hiddenSize: 192,
    layers: 12,
    heads: 3,
    intermediateSize: 768,
    activation: "gelu",
    layerNormEpsilon: 1e-6,
    queryKeyValueBias: true,
    classToken: true,
    distillationToken: false,
    registers: 0,
    positionSize: null,
    positionFilter: "bicubic",
    pooling: "class",
    finalNorm: "tokens",
    pooler: false,
    classes: 1000,
    distillationHead: false,
    patchHead: false,
  });
});

test.each([
  ["registers without a position, as Hugging Face has them", 4, 1 + 14 * 14, 1],
  ["registers with positions", 4, 1 + 4 + 14 * 14, 5],
  ["positions of patches alone", 4, 14 * 14, 0],
  ["no registers, and positions of patches alone", 0, 14 * 14, 0],
])("%s: which tokens have positions is told by how many there are", (_, registers, positions, positioned) => {
  const tensors = bare(192, positions);
  if (registers > 0) tensors.set("reg_token", tensor(1, registers, 192));
  const { config, layout } = settleWhole(tensors);
  expect([config.registers, config.imageSize.width, layout.positioned]).toEqual([registers, 224, positioned]);
});

test("without biases of query, key and value", () => {
  const tensors = bare(192);
  tensors.delete("blocks.0.attn.qkv.bias");
  expect(settle(tensors).queryKeyValueBias).toBe(false);
});

test("contradictions are refused, telling the field", async () => {
  await expectRefusal(
    () => settle(bare(192), { num_attention_heads: 5 }),
    "config-malformed",
    "num_attention_heads: wanted a divisor of hidden_size 192, got 5",
  );
  await expectRefusal(() => settle(bare(192), { image_size: 8 }), "config-malformed", "image_size", "16 × 16");
  await expectRefusal(() => settle(bare(192, 1 + 6 * 5)), "config-malformed", "image_size", "30 positions");
  expect(settle(bare(192, 1 + 6 * 5), { image_size: [96, 80] }).imageSize).toEqual({ width: 80, height: 96 });
});

test("a block number beyond reason does not run away", async () => {
  await expectRefusal(() => settle(bare(192, 197, "blocks.999999999")), "config-malformed", "num_hidden_layers");
});

test("shapes that tell no size are refused, naming the tensor", async () => {
  const tensors = bare(192);
  tensors.set("patch_embed.proj.weight", tensor());
  await expectRefusal(() => settle(tensors), "checkpoint-shape-mismatch", "patch_embed.proj.weight", "got []");
  tensors.delete("patch_embed.proj.weight");
  await expectRefusal(() => settle(tensors), "checkpoint-missing-tensor", "patch_embed.proj.weight");
});
