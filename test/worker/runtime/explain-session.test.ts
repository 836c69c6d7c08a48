import { memory } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { readSafetensors, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import { abortError } from "../../../worker/contract/errors.ts";
import { EXPLAIN_METHODS, settingsOf, type ExplainQuestion } from "../../../worker/contract/explain-question.ts";
import { heatOfHead, heatOfQuery, type Heat } from "../../../worker/contract/heat.ts";
import type { Size } from "../../../worker/contract/geometry.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import type { CallOptions, Progress } from "../../../worker/contract/progress.ts";
import { Session, type Host } from "../../../worker/runtime/session.ts";
import { goldenFile, goldenFolder, maxDifference } from "../../setup/golden.ts";
import { attentionCnnFiles, type CnnVariant } from "../checkpoint/attention-cnn-folder.ts";
import { expectRefusal } from "../checkpoint/code-of.ts";
import { memoryFolder } from "../checkpoint/scheme-folder.ts";
import { goldenJson } from "./captioner/captioner-folders.ts";

/** Pictures come ready-made here; decoding has its own tests. */
const host: Host = { drivers: nodeBackends, decode: (image) => Promise.resolve(image as RgbImage) };

const picture: RgbImage = {
  width: 50,
  height: 30,
  data: Uint8Array.from({ length: 50 * 30 * 3 }, (_, i) => (i * 11) % 256),
};

let session: Session | null = null;
afterEach(() => session?.dispose());

async function start(folder: ModelFolder = goldenFolder("vit-hf")): Promise<Session> {
  session = await Session.start(host, "wasm", () => undefined);
  await session.load(1, folder);
  return session;
}

const cnnFolder = async (variant: CnnVariant) => memoryFolder(await attentionCnnFiles(variant), variant);

const VIT_METHODS = EXPLAIN_METHODS.filter((method) => method !== "module");

/** Every call there is, once; resolves to the map that was tested. */
async function askEverything(running: Session, options: CallOptions = {}): Promise<void> {
  const ask = (question: ExplainQuestion) => running.explain(picture, { model: 1, ...question }, options);
  for (const method of VIT_METHODS) await ask({ method });
  await ask({ method: "rollout", discard: 0.5 });
  await ask({ method: "grad-cam", layer: 0, target: 3 });
  await running.explainAll(picture, { model: 1, method: "chefer" }, options);
  await running.explainHeads(picture, { model: 1, query: 3 }, options);
  await running.measureHeads(picture, { model: 1 }, options);
  const map = { grid: { width: 4, height: 4 }, values: Float32Array.from({ length: 16 }, (_, cell) => cell % 5) };
  await running.measureFaithfulness(picture, { model: 1, map, target: 2, steps: 4 }, options);
}

const rowOf = ({ values }: Heat): Float32Array => values;

describe("a photo's maps", () => {
  test("are the same whether asked for one by one, all queries at once or all heads at once", async () => {
    const running = await start();
    for (const method of ["raw", "rollout", "gradient-rollout", "chefer"] as const) {
      const all = await running.explainAll(picture, { model: 1, method });
      for (const query of ["class", "mean", 11] as const) {
        const one = await running.explain(picture, { model: 1, method, query });
        const same = heatOfQuery(all, query);
        expect(maxDifference(rowOf(same), rowOf(one))).toBeLessThanOrEqual(1e-6);
        expect([same.settings, same.seen, same.method]).toEqual([one.settings, one.seen, method]);
      }
    }
    const heads = await running.explainHeads(picture, { model: 1, query: 11 });
    const one = await running.explain(picture, { model: 1, method: "raw", layer: 1, head: 2, query: 11 });
    const same = heatOfHead(heads, 1, 2);
    expect(maxDifference(rowOf(same), rowOf(one))).toBeLessThanOrEqual(1e-6);
    expect({ ...same, values: null, range: null }).toEqual({ ...one, values: null, range: null });
  });

  test("tell the part of the photo that was seen, and the class they are of: the model's answer", async () => {
    const running = await start();
    const [answer] = await running.classify([picture], { model: 1, topK: 1 });
    for (const method of VIT_METHODS) {
      const { seen, settings, grid, values, range } = await running.explain(picture, { model: 1, method });
      expect([seen, grid, values.length]).toEqual([answer!.seen, { width: 4, height: 4 }, 16]);
      expect([range.min, range.max]).toEqual([Math.min(...values), Math.max(...values)]);
      const asksClass = settingsOf(method).includes("target");
      expect(settings.target).toBe(asksClass ? answer!.predictions[0]!.index : null);
    }
  });

  test("are by the usual method unless told otherwise, and settings that it has not are null", async () => {
    const nothing = { layer: null, head: null, query: null, target: null, discard: null };
    const running = await start();
    const rollout = await running.explain(picture, { model: 1 });
    expect([rollout.method, rollout.settings]).toEqual([
      "rollout",
      { ...nothing, head: "mean", query: "class", discard: 0 },
    ]);
    await running.load(2, await cnnFolder("scaled"));
    const module = await running.explain(picture, { model: 2 });
    expect([module.method, module.settings]).toEqual(["module", { ...nothing, query: "mean" }]);
    await running.load(3, await cnnFolder("plain"));
    const cam = await running.explain(picture, { model: 3 });
    expect([cam.method, cam.settings.layer, cam.grid]).toEqual(["grad-cam", 2, { width: 4, height: 4 }]);
  });
});

describe("faithfulness", () => {
  test("tells how far it is, and begins and ends with the classifier's own probability", async () => {
    const running = await start();
    const [answer] = await running.classify([picture], { model: 1, topK: 10 });
    const { index: target, score } = answer!.predictions[0]!;
    const map = await running.explain(picture, { model: 1, method: "chefer", target });
    const told: Progress[] = [];
    const question = { model: 1, map, target, steps: 8 };
    const onProgress = (progress: Progress) => void told.push(progress);
    const { deletion, insertion } = await running.measureFaithfulness(picture, question, { onProgress });
    expect(told.map(({ stage, loaded, total }) => [stage, loaded, total])).toEqual(
      [8, 9, 17, 18].map((done) => ["faithfulness", done, 18]),
    );
    expect(deletion.probabilities[0]).toBeCloseTo(score, 5);
    expect(insertion.probabilities.at(-1)).toBeCloseTo(score, 5);
    expect(deletion.probabilities.at(-1)).toBeCloseTo(insertion.probabilities[0]!, 5);
  });

  test("stops where it is told to", async () => {
    const running = await start();
    const map = await running.explain(picture, { model: 1 });
    const controller = new AbortController();
    let told = 0;
    const onProgress = () => (told++, controller.abort());
    const options = { signal: controller.signal, onProgress };
    const call = running.measureFaithfulness(picture, { model: 1, map, target: 0 }, options);
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await running.classify([picture], { model: 1, topK: 1 }); // behind whatever was still stopping
    expect(told).toBe(1);
  });
});

describe("pixels that make no whole patch", () => {
  /** 32 × 32 pixels, and what more there is at the right and below in their mean colour. */
  const grey = ({ width, height }: Size): RgbImage => {
    const at = (y: number, x: number, channel: number): number => {
      if (x >= 32 || y >= 32) return 128;
      const value = 1 + ((y * 13 + (x >> 1) * 29 + channel * 7) % 255);
      return x % 2 ? 256 - value : value;
    };
    const value = (_: unknown, i: number) => at(Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3);
    return { width, height, data: Uint8Array.from({ length: width * height * 3 }, value) };
  };

  /** The golden ViT, whose patches are of 8 × 8 pixels, for other images. */
  async function folderFor({ width, height }: Size): Promise<ModelFolder> {
    const config = await goldenJson<object>("vit-hf/config.json");
    const recipe = await goldenJson<object>("vit-hf/preprocessor_config.json");
    return memoryFolder({
      "config.json": { ...config, image_size: [height, width] },
      "preprocessor_config.json": { ...recipe, size: { height, width } },
      "model.safetensors": await goldenFile("vit-hf/model.safetensors"),
    });
  }

  test("no map lies over, and none of what is told depends on", async () => {
    const [whole, uneven] = [
      { width: 32, height: 32 },
      { width: 37, height: 35 },
    ];
    const running = await start(await folderFor(whole));
    await running.load(2, await folderFor(uneven));
    const [answer] = await running.classify([grey(uneven)], { model: 2, topK: 1 });
    expect(answer!.seen.crop).toEqual({ left: 0, top: 0, ...uneven });
    for (const method of ["rollout", "chefer"] as const) {
      const wanted = await running.explain(grey(whole), { model: 1, method });
      const got = await running.explain(grey(uneven), { model: 2, method });
      expect(got.seen).toEqual({ source: uneven, resized: uneven, crop: wanted.seen.crop });
      expect(maxDifference(got.values, wanted.values)).toBeLessThanOrEqual(1e-6);
    }
    expect((await running.explainAll(grey(uneven), { model: 2 })).seen.crop).toEqual({ left: 0, top: 0, ...whole });
    expect((await running.explainHeads(grey(uneven), { model: 2 })).seen.crop).toEqual({ left: 0, top: 0, ...whole });
    const map = await running.explain(grey(whole), { model: 1 });
    const [wanted, got] = await Promise.all(
      [whole, uneven].map((size, at) =>
        running.measureFaithfulness(grey(size), { model: at + 1, map, target: 3, baseline: "mean" }),
      ),
    );
    const { deletion } = wanted!;
    expect(maxDifference(got!.deletion.probabilities, deletion.probabilities)).toBeLessThanOrEqual(1e-5);
    expect(new Set(deletion.probabilities).size).toBeGreaterThan(10); // each cell that goes changes the answer
  });
});

describe("what cannot be answered is refused by code", () => {
  test("and says what there is", async () => {
    const running = await start();
    const explain = (question: object) => () => running.explain(picture, { model: 1, ...question });
    const refused = "invalid-argument";
    await expectRefusal(explain({ method: "lime" }), refused, "raw, module, rollout", "lime");
    await expectRefusal(explain({ method: "module" }), refused, "ViT", "raw, rollout, flow", "module");
    await expectRefusal(explain({ method: "chefer", layer: 1 }), refused, "target, query", "layer");
    await expectRefusal(explain({ layer: 1 }), refused, "rollout", "head, discard, query", "layer");
    await expectRefusal(explain({ method: "raw", layer: 3 }), refused, "0 to 2", "3");
    await expectRefusal(explain({ method: "raw", head: 4 }), refused, "0 to 3", "4");
    await expectRefusal(explain({ query: 16 }), refused, "0 to 15", "16");
    await expectRefusal(explain({ method: "grad-cam", target: 10 }), refused, "0 to 9", "10");
    await expectRefusal(explain({ discard: -1 }), refused, "discard", "-1");
    await expectRefusal(() => running.explainAll(picture, { model: 1, method: "flow" }), refused, "no matrix");
    await expectRefusal(() => running.explainHeads(picture, { model: 1, query: 99 }), refused, "0 to 15", "99");
    await expectRefusal(() => running.explain(picture, { model: 7 }), "model-not-loaded");
    const map = { grid: { width: 4, height: 4 }, values: new Float32Array(16) };
    const measure = (change: object) => () =>
      running.measureFaithfulness(picture, { model: 1, map, target: 0, ...change });
    await expectRefusal(measure({ target: 10 }), refused, "0 to 9", "10");
    await expectRefusal(measure({ steps: 0 }), refused, "steps", "0");
    await expectRefusal(measure({ baseline: "black" }), refused, "blur or mean", "black");
    await expectRefusal(measure({ map: { ...map, grid: { width: 5, height: 4 } } }), refused, "4 × 5 cells", "16");
  });

  test("also of a model without a head or without attention", async () => {
    const running = await start();
    const folder = goldenFolder("vit-hf");
    const tensors = [...readSafetensors((await folder.read("model.safetensors"))!)];
    const weights = writeSafetensors(new Map(tensors.filter(([name]) => !name.startsWith("classifier"))));
    const config = {
      ...(JSON.parse(new TextDecoder().decode((await folder.read("config.json"))!)) as object),
      architectures: ["ViTModel"],
    };
    await running.load(2, memoryFolder({ "config.json": config, "model.safetensors": weights }, "bare"));
    for (const method of ["gradient-rollout", "chefer", "grad-cam"] as const) {
      await expectRefusal(() => running.explain(picture, { model: 2, method }), "model-has-no-head");
    }
    expect((await running.explain(picture, { model: 2 })).values).toHaveLength(16);
    const map = await running.explain(picture, { model: 2 });
    const measure = () => running.measureFaithfulness(picture, { model: 2, map, target: 0 });
    await expectRefusal(measure, "model-has-no-head");
    await running.load(3, await cnnFolder("plain"));
    const none = ["invalid-argument", "no attention module"] as const;
    await expectRefusal(() => running.explain(picture, { model: 3, method: "module" }), ...none);
    await expectRefusal(() => running.explainHeads(picture, { model: 3 }), ...none);
    await expectRefusal(() => running.measureHeads(picture, { model: 3 }), ...none);
  });
});

describe("memory", () => {
  test("is as loading left it after every answer, refusal and cancelled call", async () => {
    const running = await start();
    const baseline = running.status().memory;
    await askEverything(running);
    expect(running.status().memory).toEqual(baseline);
    const refused = running.explain(picture, { model: 1, method: "chefer", target: 99 });
    await expect(refused).rejects.toMatchObject({ code: "invalid-argument" });
    expect(running.status().memory).toEqual(baseline);
    for (let after = 0; after < 40; after++) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), after);
      const call = askEverything(running, { signal: controller.signal });
      await call.catch((error: unknown) => expect(error).toMatchObject(abortError()));
    }
    await running.classify([picture], { model: 1, topK: 1 }); // behind whatever was still stopping
    expect(running.status().memory).toEqual(baseline);
    expect(running.status().queued).toBe(0);
    await running.unload(1);
    expect(memory().numTensors).toBe(0);
  });

  test("of 500 explanations is that of none", async () => {
    const running = await start();
    const baseline = running.status().memory;
    for (let i = 0; i < 500; i++) {
      await running.explain(picture, { model: 1, method: VIT_METHODS.filter((method) => method !== "flow")[i % 5]! });
    }
    expect(running.status().memory).toEqual(baseline);
  }, 120_000);
});
