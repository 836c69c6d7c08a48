import { describe, expect, test } from "vitest";
import { inspectModel } from "../../../worker/checkpoint/inspect-model.ts";
import { readScoring } from "../../../worker/checkpoint/config/scoring.ts";
import { openModel } from "../../../worker/checkpoint/open-model.ts";
import { writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import type { CallOptions } from "../../../worker/contract/progress.ts";
import { parameterCount } from "../../../worker/models/vit/parameters.ts";
import { goldenFile, goldenFolder } from "../../setup/golden.ts";
import { expectRefusal } from "./code-of.ts";
import { openAs } from "./open-as.ts";
import { memoryFolder, readSchemes, schemeFolder, schemeTensors, type SchemeName } from "./scheme-folder.ts";

const names = Object.keys(await readSchemes()) as SchemeName[];

test.each(names)("%s opens, and inspecting it finds nothing wrong", async (name) => {
  const folder = await schemeFolder(name);
  const model = await openAs("vit", folder);
  expect(model).toMatchObject({ dtype: "F16", config: { hiddenSize: 32, layers: 2, heads: 4 } });
  expect(model.labels).toHaveLength(model.config.classes);
  expect(model.weightBytes).toBe(2 * parameterCount(model.config));
  const inspection = await inspectModel(folder);
  expect(inspection).toMatchObject({ type: "vit", problems: [], missing: [], unexpected: [], misshapen: [] });
  expect(inspection).toMatchObject({ parameters: parameterCount(model.config), dtype: "F16", labels: model.labels });
});

test.each(["torchvision", "torchvision-old"] as const)(
  "%s opens with a head put in the place of `heads`",
  async (name) => {
    const scheme = (await readSchemes())[name];
    const renamed = [...(await schemeTensors(scheme))].map(
      ([key, tensor]) => [key.replace("heads.head.", "heads."), tensor] as const,
    );
    expect(renamed.map(([key]) => key)).toContain("heads.weight");
    const folder = memoryFolder({
      "config.json": scheme.config,
      "model.safetensors": writeSafetensors(new Map(renamed)),
    });
    const [model, wanted] = [await openModel(folder), await openModel(await schemeFolder(name))];
    expect(model.parameters).toEqual(wanted.parameters);
    expect(model.scheme).toBe(wanted.scheme);
  },
);

test.each(["F32", "BF16"] as const)("%s weights stay as they are in the file", async (dtype) => {
  const model = await openModel(await schemeFolder("timm", dtype));
  expect(model.dtype).toBe(dtype);
  expect(new Set([...model.parameters.values()].map((tensor) => tensor.dtype))).toEqual(new Set([dtype]));
});

test("weights of several types are called mixed", async () => {
  const tensors = await schemeTensors((await readSchemes()).hf4);
  tensors.set("classifier.bias", { dtype: "F32", shape: [5], bytes: new Uint8Array(20) });
  const folder = memoryFolder({
    "config.json": (await readSchemes()).hf4.config,
    "model.safetensors": writeSafetensors(tensors),
  });
  expect((await openModel(folder)).dtype).toBe("mixed");
});

test("the reference model: config, recipe, labels", async () => {
  const model = await openModel(goldenFolder("vit-hf"));
  expect(model.config).toMatchObject({ hiddenSize: 48, layers: 3, heads: 4, intermediateSize: 96, classes: 10 });
  expect(model.recipe).toEqual({
    resize: { kind: "exact", width: 32, height: 32 },
    filter: "bilinear",
    crop: null,
    rescale: 1 / 255,
    normalise: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  });
  expect(model.labels).toEqual(Array.from({ length: 10 }, (_, index) => `class ${index}`));
  expect(model.rawConfig).toMatchObject({ model_type: "vit" });
});

test.each([
  ["single_label_classification", "softmax"],
  ["multi_label_classification", "sigmoid"],
  [undefined, "softmax"],
])("problem_type %s gives scores by %s", async (problem_type, scoring) => {
  const { hf4 } = await readSchemes();
  const weights = writeSafetensors(await schemeTensors(hf4));
  const folder = memoryFolder({ "config.json": { ...hf4.config, problem_type }, "model.safetensors": weights });
  expect((await openModel(folder)).scoring).toBe(scoring);
});

test("a class alone has a score by itself", () => {
  expect(readScoring({}, 1)).toBe("sigmoid"); // of softmax it would always be 1
});

test("a buffer of old files is ignored, whatever its type", async () => {
  const { hf4 } = await readSchemes();
  const tensors = await schemeTensors(hf4);
  tensors.set("vit.embeddings.position_ids", { dtype: "I64", shape: [1, 17], bytes: new Uint8Array(8 * 17) });
  const folder = memoryFolder({ "config.json": hf4.config, "model.safetensors": writeSafetensors(tensors) });
  expect((await openModel(folder)).dtype).toBe("F16");
  expect((await inspectModel(folder)).ignored).toMatchObject([{ name: "vit.embeddings.position_ids" }]);
});

describe("without a config.json", () => {
  const weights = async () => (await goldenFile("vit-torchvision/model.safetensors"))!;

  test("heads that nothing tells stop the model, and are a note to an inspection that tells the rest", async () => {
    const folder = memoryFolder({ "model.safetensors": await weights() });
    await expectRefusal(() => openModel(folder), "config-malformed", "heads cannot be told", "num_attention_heads");
    const inspection = await inspectModel(folder);
    expect(inspection.problems).toEqual([]);
    expect(inspection.notes).toEqual([
      expect.stringContaining("num_attention_heads"),
      expect.stringContaining("no preprocessor_config.json"),
    ]);
    expect(inspection).toMatchObject({ type: "vit", scheme: "torchvision", tensors: 44, dtype: "F32" });
    expect(inspection.labels).toHaveLength(10);
    expect(inspection.config).toMatchObject({
      num_attention_heads: null,
      hidden_size: 48,
      num_hidden_layers: 3,
      intermediate_size: 96,
      image_size: 32,
      patch_size: 8,
      num_channels: 3,
      layer_norm_eps: 1e-6,
      num_labels: 10,
    });
  });

  test("a config that tells the heads alone is enough", async () => {
    const folder = memoryFolder({ "config.json": { num_attention_heads: 4 }, "model.safetensors": await weights() });
    const { config } = await openModel(folder);
    expect(config).toEqual((await openModel(goldenFolder("vit-hf"))).config);
  });

  test("fc_norm means mean pooling; Hugging Face's names mean its epsilon", async () => {
    const heads = { num_attention_heads: 4 };
    const opened = async (name: SchemeName) => {
      const tensors = await schemeTensors((await readSchemes())[name]);
      return openModel(memoryFolder({ "config.json": heads, "model.safetensors": writeSafetensors(tensors) }));
    };
    expect((await opened("timm-fc-norm")).config).toMatchObject({
      pooling: "mean",
      finalNorm: "pooled",
      layerNormEpsilon: 1e-6,
    });
    expect((await opened("hf5")).config).toMatchObject({
      pooling: "class",
      finalNorm: "tokens",
      layerNormEpsilon: 1e-12,
    });
    expect((await opened("timm-distilled")).config).toMatchObject({ distillationToken: true, distillationHead: true });
    expect((await opened("dino")).config).toMatchObject({ classes: 0, distillationToken: false });
  });
});

describe("a web page in the place of config.json", () => {
  const page = new TextEncoder().encode("<!doctype html><title>Sign in</title>");

  test("is refused where there are weights, after their first bytes", async () => {
    const inner = memoryFolder({
      "config.json": page,
      "model.safetensors": await goldenFile("vit-torchvision/model.safetensors"),
    });
    let read = 0;
    const folder: typeof inner = {
      ...inner,
      read: async (path, options) => {
        if (path !== "model.safetensors") return inner.read(path, options);
        for (read = 1; read < 1000; read++) {
          options?.onProgress?.({ stage: "download", loaded: read, total: 1000, file: path, fromCache: false });
          options?.signal?.throwIfAborted();
        }
        return inner.read(path, options);
      },
    };
    await expectRefusal(() => openModel(folder), "source-not-json", "config.json", "HTML page", "sign-in");
    expect(read).toBe(1);
    const { problems, config } = await inspectModel(folder);
    expect(problems.map(({ code }) => code)).toEqual(["source-not-json"]);
    expect(config).toMatchObject({ num_attention_heads: null, hidden_size: 48 });
  });

  test("is refused where the weights are in shards", async () => {
    const folder = memoryFolder({ "config.json": page, "model.safetensors.index.json": { weight_map: {} } });
    await expectRefusal(() => openModel(folder), "source-not-json", "config.json");
  });

  test("is no model at all where there are no weights", async () => {
    await expectRefusal(() => openModel(memoryFolder({ "config.json": page })), "source-not-found", "Check the name");
  });
});

describe("reading the folder", () => {
  test("an unsupported config is refused before the weights are asked for", async () => {
    const asked: string[] = [];
    const inner = memoryFolder({ "config.json": { model_type: "swin" } });
    const folder = { ...inner, read: (path: string) => (asked.push(path), inner.read(path)) };
    await expectRefusal(() => openModel(folder), "config-unsupported", "swin");
    expect(asked).toEqual(["config.json", "preprocessor_config.json"]);
  });

  test("the caller's options reach every read, and its abort passes through both", async () => {
    const stop = new AbortController();
    stop.abort();
    const inner = await schemeFolder("hf4");
    const seen: (CallOptions | undefined)[] = [];
    const watched = { ...inner, read: (path: string, options?: CallOptions) => (seen.push(options), inner.read(path)) };
    const options: CallOptions = { onProgress: () => undefined };
    await openModel(watched, options);
    expect(seen).toHaveLength(3);
    for (const given of seen) expect(given).toMatchObject(options);
    const folder = { ...inner, read: () => Promise.reject(stop.signal.reason as Error) };
    await expect(openModel(folder, { signal: stop.signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    await expect(inspectModel(folder)).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });
});
