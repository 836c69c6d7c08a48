import { describe, expect, test } from "vitest";
import { readAttentionCnnConfig } from "../../../worker/checkpoint/config/attention-cnn-config.ts";
import { inspectModel } from "../../../worker/checkpoint/inspect-model.ts";
import { openModel } from "../../../worker/checkpoint/open-model.ts";
import { attentionCnnParameterShapes, parameterCount } from "../../../worker/models/attention-cnn/parameters.ts";
import type { VisionErrorCode } from "../../../worker/contract/errors.ts";
import type { HostTensor } from "../../../worker/contract/host-tensor.ts";
import { attentionCnnFiles, type CnnVariant } from "./attention-cnn-folder.ts";
import { expectRefusal } from "./code-of.ts";
import { openAs } from "./open-as.ts";
import { memoryFolder, schemeFolder } from "./scheme-folder.ts";

type Tensors = Map<string, HostTensor>;

const folderOf = async (
  variant: CnnVariant,
  change?: (tensors: Tensors) => void,
  files: Record<string, unknown> = {},
) => memoryFolder({ ...(await attentionCnnFiles(variant, change)), ...files });

test.each(["scaled", "plain", "gelu", "stride"] as const)(
  "%s opens, and inspecting it finds nothing wrong",
  async (variant) => {
    const folder = await folderOf(variant);
    const model = await openAs("attention-cnn", folder);
    expect([...model.parameters.keys()]).toEqual([...attentionCnnParameterShapes(model.config).keys()]);
    expect(model).toMatchObject({ dtype: "F32", labels: ["class 0", "class 1", "class 2", "class 3", "class 4"] });
    expect(model.recipe).toMatchObject({ resize: { kind: "exact", width: 32, height: 32 }, filter: "bilinear" });
    const { config, ...inspection } = await inspectModel(folder);
    expect(inspection).toMatchObject({ type: "attention-cnn", scheme: "attention CNN", problems: [], notes: [] });
    expect(inspection).toMatchObject({ parameters: parameterCount(model.config), labels: model.labels });
    expect(readAttentionCnnConfig(config).config).toEqual(model.config);
  },
);

test("PyTorch's counters of training steps are ignored, and said to be", async () => {
  const counter: HostTensor = { dtype: "I64", shape: [], bytes: new Uint8Array(8) };
  const folder = await folderOf("scaled", (tensors) => tensors.set("stem.norm.num_batches_tracked", counter));
  expect((await openModel(folder)).dtype).toBe("F32");
  const { problems, notes, ignored } = await inspectModel(folder);
  expect([problems, ignored.map(({ name }) => name)]).toEqual([[], ["stem.norm.num_batches_tracked"]]);
  expect(notes).toEqual([expect.stringContaining("counter of training steps")]);
});

test("half-precision weights beside statistics in float32 are mixed", async () => {
  const halve = (tensors: Tensors) => {
    for (const [name, { shape, bytes }] of tensors) {
      if (!name.includes("running"))
        tensors.set(name, { dtype: "F16", shape, bytes: bytes.subarray(bytes.length / 2) });
    }
  };
  expect((await openModel(await folderOf("scaled", halve))).dtype).toBe("mixed");
});

const drop = (name: string) => (tensors: Tensors) => void tensors.delete(name);
const put =
  (name: string, shape: number[], dtype: "F32" | "I32" = "F32") =>
  (tensors: Tensors) => {
    tensors.set(name, { dtype, shape, bytes: new Uint8Array(shape.reduce((product, size) => product * size, 4)) });
  };

const cases: [string, (tensors: Tensors) => void, VisionErrorCode, string[]][] = [
  ["a missing statistic", drop("stem.norm.running_var"), "checkpoint-missing-tensor", ["stem.norm.running_var"]],
  ["a missing gate", drop("attention.gamma"), "checkpoint-missing-tensor", ["1 tensor missing", "attention.gamma"]],
  [
    "a kernel of another size",
    put("stages.0.blocks.0.conv1.weight", [6, 4, 1, 1]),
    "checkpoint-shape-mismatch",
    ["stages.0.blocks.0.conv1.weight: expected [6, 4, 3, 3], got [6, 4, 1, 1]"],
  ],
  [
    "one block too many",
    put("stages.0.blocks.1.conv1.weight", [6, 6, 3, 3]),
    "checkpoint-unexpected-tensor",
    ["attention CNN", "stages.0.blocks.1.conv1.weight"],
  ],
  ["whole numbers", put("head.bias", [5], "I32"), "checkpoint-dtype", ["head.bias", "I32"]],
];

describe("refused by openModel, and told by inspectModel", () => {
  test.each(cases)("%s", async (_, change, code, words) => {
    const folder = await folderOf("scaled", change);
    await expectRefusal(() => openModel(folder), code, ...words);
    expect((await inspectModel(folder)).problems.map((problem) => problem.code)).toContain(code);
  });

  test("a module that the config does not have", async () => {
    const { "config.json": config } = await attentionCnnFiles("plain");
    const folder = await folderOf("scaled", undefined, { "config.json": config });
    await expectRefusal(() => openModel(folder), "checkpoint-unexpected-tensor", "attention.query.weight");
  });

  test.each([
    ["none at all", undefined, "got nothing"],
    ["one that does not say what it is", { num_labels: 5 }, '{"num_labels":5}'],
    ["a ViT's", { model_type: "vit" }, '{"model_type":"vit"}'],
  ])("no config of its own: %s", async (_, config, got) => {
    const folder = await folderOf("scaled", undefined, { "config.json": config });
    const words = ['config.json: wanted a file with model_type "attention-cnn"', "attention CNN, whose strides", got];
    await expectRefusal(() => openModel(folder), "config-malformed", ...words);
    const { type, problems } = await inspectModel(folder);
    expect([type, problems.map(({ code }) => code)]).toEqual([null, ["config-malformed"]]);
  });

  test("a ViT's weights beside its config", async () => {
    const { "config.json": config } = await attentionCnnFiles("scaled");
    const inner = await schemeFolder("timm");
    const asCnn = memoryFolder({ "config.json": config, "model.safetensors": await inner.read("model.safetensors") });
    await expectRefusal(() => openModel(asCnn), "checkpoint-missing-tensor", "stem.conv.weight", "unexpected");
  });

  test("a broken config names its field before the weights are asked for", async () => {
    const { "config.json": config } = await attentionCnnFiles("scaled");
    const asked: string[] = [];
    const inner = memoryFolder({ "config.json": { ...config, stage_strides: [2] } });
    const folder = { ...inner, read: (path: string) => (asked.push(path), inner.read(path)) };
    await expectRefusal(() => openModel(folder), "config-malformed", "stage_strides", "3 stages");
    expect(asked).toEqual(["config.json", "preprocessor_config.json"]);
  });
});
