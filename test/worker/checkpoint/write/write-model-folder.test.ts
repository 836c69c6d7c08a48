import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { inspectModel } from "../../../../worker/checkpoint/inspect-model.ts";
import { readSafetensors, readSafetensorsMetadata, toFloat32 } from "../../../../worker/checkpoint/safetensors.ts";
import { floatsToHalves } from "../../../../worker/checkpoint/write/float-to-half.ts";
import { writeModelFolder } from "../../../../worker/checkpoint/write/write-model-folder.ts";
import type { WritableModel, WrittenDtype } from "../../../../worker/checkpoint/write/writable-model.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import { isStatistic } from "../../../../worker/models/attention-cnn/parameters.ts";
import { goldenFolder } from "../../../setup/golden.ts";
import { expectRefusal } from "../code-of.ts";
import { memoryFolder, readSchemes, schemeFolder, type SchemeName } from "../scheme-folder.ts";
import { attentionCnnFolder, CARD, openWritable } from "./writable.ts";

const VITS: readonly SchemeName[] = [
  ...(["hf4", "hf4-bare", "hf5", "hf5-bare", "deit4", "deit5", "deit4-one-head"] as const),
  ...(["timm", "timm-distilled", "dino", "torchvision"] as const),
];
const DINOV2 = ["classifier", "registers", "registers-classifier", "timm-registers", "timm-deit3"];
const CNNS = ["scaled", "unscaled", "last", "plain", "gelu", "stride"];

const SOURCES: [string, () => ModelFolder | Promise<ModelFolder>][] = [
  ["vit-hf", () => goldenFolder("vit-hf")],
  ...VITS.map((name): [string, () => Promise<ModelFolder>] => [name, () => schemeFolder(name)]),
  ...DINOV2.map((name): [string, () => ModelFolder] => [`dinov2 ${name}`, () => goldenFolder(`dinov2/${name}`)]),
  ...CNNS.map((name): [string, () => Promise<ModelFolder>] => [`cnn ${name}`, () => attentionCnnFolder(name)]),
];

const written = (model: WritableModel, dtype?: WrittenDtype): ModelFolder =>
  memoryFolder(Object.fromEntries(writeModelFolder(model, CARD, dtype)));

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Names of parameters that are not the same, bit by bit. */
const differing = (a: WritableModel, b: WritableModel): string[] => {
  const same = (name: string, values: Float32Array) => bytesOf(values).equals(bytesOf(b.parameters.get(name)!));
  return [...a.parameters].filter(([name, values]) => !same(name, values)).map(([name]) => name);
};

const halved = (values: Float32Array): Float32Array => {
  const narrowed = floatsToHalves(values);
  if ("tooBigAt" in narrowed) throw new Error("too big for a half");
  return toFloat32({ dtype: "F16", shape: [values.length], bytes: bytesOf(narrowed.halves) });
};

const json = async (folder: ModelFolder, file = "config.json"): Promise<Record<string, unknown>> =>
  JSON.parse(new TextDecoder().decode((await folder.read(file))!)) as Record<string, unknown>;

describe.each(SOURCES)("%s", (_, source) => {
  test("is read back as it was: config, recipe, labels, every bit of every parameter", async () => {
    const model = await openWritable(await source());
    const folder = written(model);
    const again = await openWritable(folder);
    const positionFilter = "registers" in model.config && model.config.registers > 0 ? "antialiased" : "bicubic";
    const config = model.type === "vit" ? { ...model.config, positionFilter } : model.config; // transformers' from now on
    expect([again.type, again.config, again.labels]).toEqual([model.type, config, model.labels]);
    const { crop, ...recipe } = model.recipe; // a crop's rounding has no field in the file
    expect(again.recipe).toEqual({ ...recipe, crop: crop && { width: crop.width, height: crop.height } });
    expect([...again.parameters.keys()]).toEqual([...model.parameters.keys()]);
    expect(differing(again, model)).toEqual([]);
    const inspection = await inspectModel(folder);
    expect(inspection).toMatchObject({ type: model.type, dtype: "F32", problems: [] });
    const unread = [...inspection.notes, ...inspection.ignored.map(({ name }) => name)];
    expect(unread.filter((line) => !line.includes("mask_token"))).toEqual([]);
  });

  test("as F16 every learned number is the nearest half, and statistics keep their bits", async () => {
    const model = await openWritable(await source());
    const folder = written(model, "F16");
    const tensors = readSafetensors((await folder.read("model.safetensors"))!);
    const dtypes = new Set([...tensors].map(([name, { dtype }]) => `${dtype} ${/running_\w+$/.exec(name)?.[0] ?? ""}`));
    const statistics = model.type === "attention-cnn" ? ["F32 running_mean", "F32 running_var"] : [];
    expect(dtypes).toEqual(new Set(["F16 ", ...statistics]));
    const nearest = [...model.parameters].map(([name, values]): [string, Float32Array] => [
      name,
      isStatistic(name) ? values : halved(values),
    ]);
    expect(differing(await openWritable(folder), { ...model, parameters: new Map(nearest) })).toEqual([]);
    expect((await json(folder)).torch_dtype).toBe("float16");
  });
});

test("the reference model's F16 bytes are those of numpy's cast", async () => {
  const folder = written(await openWritable(goldenFolder("vit-hf")), "F16");
  const tensors = readSafetensors((await folder.read("model.safetensors"))!);
  const hash = createHash("sha256");
  for (const name of [...tensors.keys()].sort()) hash.update(tensors.get(name)!.bytes);
  // numpy 2.4: each tensor .astype(np.float16).tobytes(), in the order of sorted names
  expect(hash.digest("hex")).toBe("0fe3751ef9dcc8850d0432cab2d1b317088cc70ec060c4b412a876c2dcdf413f");
});

describe("names in the file", () => {
  const namesOf = async (folder: ModelFolder) => readSafetensors((await folder.read("model.safetensors"))!);

  test.each([
    ["vit-hf", () => goldenFolder("vit-hf")],
    ["hf4-bare", () => schemeFolder("hf4-bare")],
    ["deit4", () => schemeFolder("deit4")],
    ["deit4-one-head", () => schemeFolder("deit4-one-head")],
    ["DINOv2", () => goldenFolder("dinov2/classifier")],
    ["DINOv2 with registers", () => goldenFolder("dinov2/registers-classifier")],
    ["DINOv2 with registers, bare", () => goldenFolder("dinov2/registers")],
  ])("are those of transformers: %s", async (_, source) => {
    const original = await namesOf(await source());
    const copy = await namesOf(written(await openWritable(await source())));
    const listed = (tensors: typeof original) => [...tensors].map(([name, { shape }]) => `${name} ${shape.join("×")}`);
    expect(listed(copy).sort()).toEqual(listed(original).sort());
  });

  test("a file from elsewhere gets them too", async () => {
    const copy = await namesOf(written(await openWritable(await schemeFolder("timm-distilled"))));
    expect([...copy.keys()].sort()).toEqual((await readSchemes()).deit4.tensors.map(({ file }) => file).sort());
  });

  test("the format that transformers asks for is told", async () => {
    const files = writeModelFolder(await openWritable(goldenFolder("vit-hf")), CARD);
    expect([...files.keys()]).toEqual(["config.json", "preprocessor_config.json", "model.safetensors", "README.md"]);
    expect(readSafetensorsMetadata(files.get("model.safetensors")!)).toEqual(new Map([["format", "pt"]]));
    const readme = new TextDecoder().decode(files.get("README.md"));
    expect(readme).toContain(`67,594 parameters, F32, ${files.get("model.safetensors")!.length.toLocaleString("en")}`);
  });
});

describe("config.json", () => {
  const labelled = async (labels: string[], rawConfig: object) => {
    const model = await openWritable(goldenFolder("vit-hf"));
    return json(written({ ...model, labels, rawConfig }));
  };
  const ten = Array.from({ length: 10 }, (_, index) => `kind ${index}`);

  test("of a Hugging Face source keeps what the model does not change", async () => {
    const source = await json(goldenFolder("vit-hf"));
    const raw = {
      ...source,
      dtype: "bfloat16",
      torch_dtype: "bfloat16",
      initializer_range: 0.5,
      "x-note": { a: [null] },
    };
    const config = await labelled(ten, raw);
    expect(config).toEqual({
      ...source,
      initializer_range: 0.5,
      "x-note": { a: [null] },
      torch_dtype: "float32",
      num_labels: 10,
      id2label: { ...ten },
      label2id: Object.fromEntries(ten.map((label, index) => [label, index])),
    });
  });

  test("of another type's source keeps nothing", async () => {
    expect(await labelled(ten, { model_type: "deit", "x-note": 1 })).not.toHaveProperty("x-note");
    expect(await labelled(ten, { architecture: "vit_tiny_patch16_224", "x-note": 1 })).not.toHaveProperty("x-note");
  });

  test("keeps groups of labels while the labels stay, and drops them with new ones", async () => {
    const label_groups = [["kind 1", "kind 2"]];
    const raw = { model_type: "vit", id2label: { ...ten }, label_groups };
    expect(await labelled(ten, raw)).toMatchObject({ label_groups });
    const numbered = Array.from({ length: 10 }, (_, index) => `class ${index}`);
    expect(await labelled(numbered, { model_type: "vit", label_groups: [[1, 2]] })).toHaveProperty("label_groups");
    const others = [...ten.slice(0, 9), "another"];
    expect(await labelled(others, raw)).not.toHaveProperty("label_groups");
    expect(await labelled(ten, { ...raw, id2label: { ...ten, 10: "more" } })).not.toHaveProperty("label_groups");
    expect(await labelled(ten, { ...raw, id2label: { ...ten.slice(0, 9) } })).not.toHaveProperty("label_groups");
  });

  test("a name borne twice stands for its first class, whatever the names", async () => {
    const labels = ["crane", "__proto__", "crane", "7", "constructor", ...ten.slice(5)];
    const config = await labelled(labels, {});
    expect(Object.entries(config.id2label as object)).toEqual(labels.map((label, index) => [String(index), label]));
    const byName = new Map(Object.entries(config.label2id as Record<string, number>));
    expect(byName.size).toBe(9);
    for (const [label, index] of byName) expect(labels.indexOf(label)).toBe(index);
  });

  test("a new head is trained with softmax, whatever the old one was", async () => {
    const config = await labelled(ten, { model_type: "vit", problem_type: "multi_label_classification", kept: 1 });
    expect(config).toMatchObject({ kept: 1 });
    expect(config).not.toHaveProperty("problem_type");
  });

  test("a classifier that lost its head tells of no classes", async () => {
    const model = (await openWritable(goldenFolder("vit-hf"))) as WritableModel & { type: "vit" };
    const parameters = new Map([...model.parameters].filter(([name]) => !name.startsWith("classifier.")));
    const folder = written({ ...model, config: { ...model.config, classes: 0 }, labels: [], parameters });
    expect(await json(folder)).toMatchObject({ architectures: ["ViTModel"] });
    const { config } = await openWritable(folder);
    expect(config).toEqual({ ...model.config, classes: 0 });
  });
});

describe("DINOv2", () => {
  const opened = async (name: string) =>
    (await openWritable(goldenFolder(`dinov2/${name}`))) as WritableModel & { type: "vit" };
  const [REGISTERS, POSITIONS] = ["embeddings.register_tokens", "embeddings.position_embeddings"];

  test("positions of registers, which it has no place for, are added to them", async () => {
    const model = await opened("registers-classifier"); // of two registers
    const D = model.config.hiddenSize;
    const positions = model.parameters.get(POSITIONS)!.slice();
    positions.fill(0.25, D, 3 * D);
    const again = await openWritable(
      written({ ...model, parameters: new Map(model.parameters).set(POSITIONS, positions) }),
    );
    expect(differing(again, model)).toEqual([REGISTERS]);
    const moved = model.parameters.get(REGISTERS)!.map((value) => value + 0.25);
    expect(again.parameters.get(REGISTERS)).toEqual(moved);
  });

  test("a classifier that reads the class token alone gets columns of zeros for the mean patch", async () => {
    const model = await opened("registers-classifier");
    const parameters = new Map(model.parameters);
    parameters.delete("patch_classifier.weight");
    const again = await openWritable(written({ ...model, config: { ...model.config, patchHead: false }, parameters }));
    expect(again.config).toEqual(model.config);
    expect(differing({ ...model, parameters }, again)).toEqual([]);
    expect(new Set(again.parameters.get("patch_classifier.weight"))).toEqual(new Set([0]));
  });
});

describe("is refused", () => {
  test.each(["timm-fc-norm", "timm-mean-norm"] as const)("what Hugging Face computes otherwise: %s", async (name) => {
    const model = await openWritable(await schemeFolder(name));
    await expectRefusal(() => writeModelFolder(model, CARD), "config-unsupported", "mean pooling");
  });

  test("what no class of Hugging Face's has", async () => {
    const model = (await openWritable(goldenFolder("vit-hf"))) as WritableModel & { type: "vit" };
    const altered = (change: object) => () =>
      writeModelFolder({ ...model, config: { ...model.config, ...change } }, CARD);
    await expectRefusal(altered({ classToken: false }), "config-unsupported", "no class token");
    await expectRefusal(altered({ distillationHead: true }), "config-unsupported", "a distillation head");
    await expectRefusal(altered({ pooler: true }), "config-unsupported", "a pooler beside a classifier");
    const registers = { registers: 2, distillationToken: true, imageSize: { width: 32, height: 16 } };
    await expectRefusal(altered(registers), "config-unsupported", "a distillation token in DINOv2", "no square");
  });

  test("parameters or labels that are not the model's", async () => {
    const model = await openWritable(goldenFolder("vit-hf"));
    const withParameter = (name: string, values: Float32Array | null, dtype?: WrittenDtype) => () => {
      const parameters = new Map(model.parameters);
      if (values) parameters.set(name, values);
      else parameters.delete(name);
      return writeModelFolder({ ...model, parameters }, CARD, dtype);
    };
    const bias = "classifier.bias";
    await expectRefusal(withParameter(bias, null), "checkpoint-missing-tensor", bias, "[10]");
    await expectRefusal(withParameter(bias, new Float32Array(9)), "checkpoint-shape-mismatch", bias, "10", "9");
    await expectRefusal(withParameter("head.bias", new Float32Array(9)), "checkpoint-unexpected-tensor", "head.bias");
    const big = new Float32Array(10).fill(70_000, 3);
    await expectRefusal(withParameter(bias, big, "F16"), "checkpoint-dtype", bias, "65504", "70000", "F32");
    expect(withParameter(bias, big, "F32")).not.toThrow();
    const labels = ["one"];
    await expectRefusal(() => writeModelFolder({ ...model, labels }, CARD), "invalid-argument", "10 classes, got 1");
  });

  test("an attention CNN's statistics may be larger than a half", async () => {
    const model = await openWritable(await attentionCnnFolder("scaled"));
    const variance = model.parameters.get("stem.norm.running_var")!;
    const parameters = new Map(model.parameters).set(
      "stem.norm.running_var",
      variance.map(() => 1e6),
    );
    const again = await openWritable(written({ ...model, parameters }, "F16"));
    expect(again.parameters.get("stem.norm.running_var")![0]).toBe(1e6);
  });
});
