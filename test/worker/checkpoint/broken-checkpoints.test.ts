import { beforeAll, describe, expect, test } from "vitest";
import { inspectModel } from "../../../worker/checkpoint/inspect-model.ts";
import { openModel } from "../../../worker/checkpoint/open-model.ts";
import { WEIGHTS_FILE } from "../../../worker/checkpoint/weight-files.ts";
import { writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import type { VisionErrorCode } from "../../../worker/contract/errors.ts";
import type { HostTensor } from "../../../worker/contract/host-tensor.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import { errorOf, expectRefusal } from "./code-of.ts";
import { memoryFolder, readSchemes, schemeTensors, type Scheme, type SchemeName } from "./scheme-folder.ts";

let schemes: Record<SchemeName, Scheme>;
beforeAll(async () => {
  schemes = await readSchemes();
});

type Tensors = Map<string, HostTensor>;

/** A whole model with its tensors changed, and files put in the place of its own. */
async function broken(name: SchemeName, change: (tensors: Tensors) => void, files: Record<string, unknown> = {}) {
  const tensors = await schemeTensors(schemes[name]);
  change(tensors);
  return memoryFolder({
    "config.json": schemes[name].config,
    "model.safetensors": writeSafetensors(tensors),
    ...files,
  });
}

const rename = (from: string, to: string) => (tensors: Tensors) => {
  tensors.set(to, tensors.get(from)!);
  tensors.delete(from);
};
const drop = (name: string) => (tensors: Tensors) => void tensors.delete(name);
const reshape = (name: string, shape: number[]) => (tensors: Tensors) => {
  const bytes = shape.reduce((product, size) => product * size, 2);
  tensors.set(name, { dtype: "F16", shape, bytes: new Uint8Array(bytes) });
};
const keep = () => undefined;
const text = (words: string) => new TextEncoder().encode(words);
const LFS = text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 22883\n");
const HTML = text("<!doctype html>\n<html><body>Not found</body></html>");

const cases: [string, SchemeName, (tensors: Tensors) => void, Record<string, unknown>, VisionErrorCode, string[]][] = [
  [
    "a missing tensor",
    "hf4",
    drop("vit.layernorm.bias"),
    {},
    "checkpoint-missing-tensor",
    ["1 tensor missing", "vit.layernorm.bias"],
  ],
  [
    "a missing class token",
    "hf5",
    drop("vit.embeddings.cls_token"),
    {},
    "checkpoint-missing-tensor",
    ["vit.embeddings.cls_token"],
  ],
  ["a missing class token, timm", "timm", drop("cls_token"), {}, "checkpoint-missing-tensor", ["cls_token"]],
  [
    "a missing patch projection",
    "timm",
    drop("patch_embed.proj.weight"),
    {},
    "checkpoint-missing-tensor",
    ["patch_embed.proj.weight"],
  ],
  [
    "a missing fused tensor",
    "torchvision",
    drop("encoder.layers.encoder_layer_1.self_attention.in_proj_weight"),
    {},
    "checkpoint-missing-tensor",
    ["1 tensor missing", "encoder_layer_1.self_attention.in_proj_weight"],
  ],
  [
    "a missing bias of q, k and v",
    "hf4",
    drop("vit.encoder.layer.0.attention.attention.query.bias"),
    {},
    "checkpoint-missing-tensor",
    ["query.bias"],
  ],
  [
    "a missing head",
    "hf4",
    (tensors) => (drop("classifier.weight")(tensors), drop("classifier.bias")(tensors)),
    {},
    "checkpoint-missing-tensor",
    ["2 tensors missing", "classifier.weight", "classifier.bias"],
  ],
  [
    "a missing second head",
    "deit4",
    drop("distillation_classifier.weight"),
    {},
    "checkpoint-missing-tensor",
    ["distillation_classifier.weight"],
  ],
  [
    "a missing last block",
    "timm",
    (tensors) =>
      [...tensors.keys()].filter((name) => name.startsWith("blocks.1.")).forEach((name) => tensors.delete(name)),
    {},
    "checkpoint-missing-tensor",
    ["12 tensors missing", "blocks.1.norm1.weight", "and 7 more"],
  ],
  [
    "a tensor with a slip in its name",
    "hf4",
    rename("vit.layernorm.weight", "vit.layernrom.weight"),
    {},
    "checkpoint-missing-tensor",
    ["vit.layernorm.weight (nearest there: vit.layernrom.weight)", "unexpected"],
  ],
  [
    "an extra tensor",
    "hf4",
    reshape("vit.extra.weight", [3]),
    {},
    "checkpoint-unexpected-tensor",
    ["vit.extra.weight"],
  ],
  [
    "one block too many",
    "hf5",
    reshape("vit.layers.2.mlp.fc1.bias", [64]),
    {},
    "checkpoint-unexpected-tensor",
    ["vit.layers.2.mlp.fc1.bias"],
  ],
  [
    "layer scale in one place of four",
    "timm",
    reshape("blocks.0.ls1.gamma", [32]),
    {},
    "checkpoint-missing-tensor",
    ["3 tensors missing: blocks.0.ls2.gamma", "blocks.1.ls1.gamma"],
  ],
  [
    "torchvision's representation layer",
    "torchvision",
    reshape("heads.pre_logits.weight", [32, 32]),
    {},
    "checkpoint-unexpected-tensor",
    ["representation layer"],
  ],
  [
    "a wrong shape",
    "hf4",
    reshape("classifier.weight", [4, 32]),
    {},
    "checkpoint-shape-mismatch",
    ["classifier.weight: expected [5, 32], got [4, 32]"],
  ],
  [
    "a wrong shape of a fused tensor",
    "timm",
    reshape("blocks.0.attn.qkv.bias", [95]),
    {},
    "checkpoint-shape-mismatch",
    ["blocks.0.attn.qkv.bias: expected [96], got [95]"],
  ],
  [
    "positions of another image size",
    "hf4",
    reshape("vit.embeddings.position_embeddings", [1, 26, 32]),
    {},
    "checkpoint-shape-mismatch",
    ["expected [1, 17, 32], got [1, 26, 32]"],
  ],
  [
    "a parameter of whole numbers",
    "hf4",
    (tensors) => tensors.set("classifier.bias", { dtype: "I64", shape: [5], bytes: new Uint8Array(40) }),
    {},
    "checkpoint-dtype",
    ["classifier.bias", "I64"],
  ],
  [
    "a Git-LFS pointer for weights",
    "hf4",
    keep,
    { "model.safetensors": LFS },
    "source-lfs-pointer",
    ["model.safetensors"],
  ],
  ["a Git-LFS pointer for the config", "hf4", keep, { "config.json": LFS }, "source-lfs-pointer", ["config.json"]],
  [
    "an HTML page for the config",
    "hf4",
    keep,
    { "config.json": HTML },
    "source-not-json",
    ["config.json", "HTML page"],
  ],
  [
    "an HTML page for the preprocessor",
    "hf4",
    keep,
    { "preprocessor_config.json": HTML },
    "source-not-json",
    ["preprocessor_config.json", "HTML page"],
  ],
  ["an HTML page for weights", "hf4", keep, { "model.safetensors": HTML }, "safetensors-header", ["HTML page"]],
  ["broken JSON", "hf4", keep, { "config.json": text('{"model_type": "vit",') }, "source-not-json", ["config.json"]],
  ["an empty config", "hf4", keep, { "config.json": new Uint8Array(0) }, "source-not-json", ["empty"]],
  [
    "another architecture by its config",
    "hf4",
    keep,
    { "config.json": { model_type: "resnet", architectures: ["ResNetForImageClassification"] } },
    "config-unsupported",
    ["resnet", "vit"],
  ],
  [
    "another architecture by its weights",
    "hf4",
    (tensors) => {
      tensors.clear();
      reshape("conv1.weight", [8, 3, 7, 7])(tensors);
      reshape("fc.weight", [5, 8])(tensors);
    },
    { "config.json": undefined },
    "config-unsupported",
    ["conv1.weight"],
  ],
  ["an empty weight file", "hf4", keep, { "model.safetensors": new Uint8Array(0) }, "safetensors-truncated", ["got 0"]],
  [
    "no weights",
    "hf4",
    keep,
    { "model.safetensors": undefined },
    "source-not-found",
    ["model.safetensors", "model.safetensors.index.json"],
  ],
  [
    "only a pickle",
    "hf4",
    keep,
    { "model.safetensors": undefined, "pytorch_model.bin": text("PK") },
    "safetensors-truncated",
    ["pytorch_model.bin"],
  ],
];

/** The same folder, whose weights come in pieces; `bytes` counts what of them was given before they were refused. */
function inPieces(folder: ModelFolder, piece: number): ModelFolder & { bytes: number } {
  const slow = {
    ...folder,
    bytes: 0,
    read: async (...[path, options]: Parameters<ModelFolder["read"]>) => {
      const bytes = await folder.read(path);
      if (!bytes || path !== WEIGHTS_FILE) return bytes;
      const file = new Uint8Array(bytes.length);
      while (slow.bytes < bytes.length) {
        const arrived = Math.min(bytes.length, slow.bytes + piece);
        file.set(bytes.subarray(slow.bytes, arrived), slow.bytes);
        slow.bytes = arrived;
        options?.onArrived?.(file, arrived);
      }
      return file;
    },
  };
  return slow;
}

describe("refused while the weights come", () => {
  test.each(cases)("%s: the same as once they are there", async (_, name, change, files) => {
    const folder = await broken(name, change, files);
    const wanted = await errorOf(() => openModel(folder));
    for (const piece of [7, 100, 5000]) {
      const slow = inPieces(folder, piece);
      const got = await errorOf(() => openModel(slow));
      expect([got.code, got.message]).toEqual([wanted.code, wanted.message]);
    }
  });

  test("a misfit: with the last byte of the header, before any of a tensor", async () => {
    const tensors = await schemeTensors(schemes.hf4);
    tensors.delete("vit.layernorm.bias");
    const weights = writeSafetensors(tensors);
    const slow = inPieces(memoryFolder({ "config.json": schemes.hf4.config, [WEIGHTS_FILE]: weights }), 1);
    await expectRefusal(() => openModel(slow), "checkpoint-missing-tensor", "vit.layernorm.bias");
    expect(slow.bytes).toBe(8 + Number(new DataView(weights.buffer).getBigUint64(0, true)));
  });

  test("nothing of a model that fits", async () => {
    const scheme = schemes.timm;
    const whole = memoryFolder({
      "config.json": scheme.config,
      [WEIGHTS_FILE]: writeSafetensors(await schemeTensors(scheme)),
    });
    const { read, ...told } = await openModel(whole);
    const { read: readPieces, ...toldInPieces } = await openModel(inPieces(whole, 100));
    expect(toldInPieces).toEqual(told);
    for (const name of told.parameters.keys()) expect(readPieces(name)).toEqual(read(name));
  });
});

describe("refused by openModel, and told by inspectModel", () => {
  test.each(cases)("%s", async (_, name, change, files, code, words) => {
    const folder = await broken(name, change, files);
    await expectRefusal(() => openModel(folder), code, ...words);
    const { problems } = await inspectModel(folder);
    expect(problems.map((problem) => problem.code)).toContain(code);
    for (const word of words) expect(problems.map(({ message }) => message).join(" ")).toContain(word);
  });

  test("a file cut short anywhere", async () => {
    const whole = writeSafetensors(await schemeTensors(schemes.hf4));
    for (const length of [9, 1000, whole.length - 20_000, whole.length - 1]) {
      const folder = memoryFolder({
        "config.json": schemes.hf4.config,
        "model.safetensors": whole.subarray(0, length),
      });
      await expectRefusal(() => openModel(folder), "safetensors-truncated", "model.safetensors");
    }
  });
});
