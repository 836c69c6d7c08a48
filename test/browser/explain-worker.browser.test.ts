import { afterEach, describe, expect, test } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { ImageInput, Vision, VisionOptions } from "../../src/client/vision.ts";
import type { BackendChoice, MemoryReport, ModelInfo } from "../../worker/contract/api.ts";
import { heatOfHead, heatOfQuery } from "../../worker/contract/heat.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { Progress } from "../../worker/contract/progress.ts";
import { goldenFile, maxDifference } from "../setup/golden.ts";

const MODEL = "/test/golden/vit-hf/"; // 32 px, 3 blocks: quick enough for a GPU in software
const METHODS = ["raw", "rollout", "gradient-rollout", "chefer", "grad-cam"] as const;

const breakableWorker = () =>
  new Worker(new URL("./fixtures/breakable-worker.ts", import.meta.url), { type: "module" });

const started: Vision[] = [];
afterEach(async () => {
  for (const vision of started.splice(0)) await vision.dispose();
});

async function start(backend: BackendChoice, options: VisionOptions = {}) {
  const vision = await createVision({ backend, ...options });
  started.push(vision);
  return { vision, model: await vision.load(MODEL) };
}

/** A picture with something in it, `width × height`. */
const draw = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i >> 5)) % 256),
});

async function askEverything(vision: Vision, model: ModelInfo, signal?: AbortSignal): Promise<void> {
  const options = { model, signal };
  const picture = draw(40, 30);
  for (const method of METHODS) await vision.explain(picture, { ...options, method });
  await vision.explainAll(picture, { ...options, method: "rollout", discard: 0.5 });
  await vision.explainHeads(picture, options);
  await vision.measureHeads(picture, options);
  const map = await vision.explain(picture, options);
  await vision.measureFaithfulness(picture, map, { ...options, target: 1, steps: 3 });
}

test.each(["webgl", "wasm", "cpu"] as const)(
  "maps on %s are those of wasm, however they are asked for",
  async (name) => {
    const { vision, model } = await start(name);
    const { vision: other, model: same } = await start("wasm");
    const picture = draw(40, 30);
    for (const method of METHODS) {
      const got = await vision.explain(picture, { model, method, ...(method !== "raw" && { target: undefined }) });
      const wanted = await other.explain(picture, { model: same, method });
      expect(maxDifference(got.values, wanted.values), method).toBeLessThanOrEqual(1e-4);
      expect([got.seen, got.settings, got.grid]).toEqual([wanted.seen, wanted.settings, wanted.grid]);
    }
    const all = await vision.explainAll(picture, { model, method: "raw", layer: 1, head: 3 });
    const heads = await vision.explainHeads(picture, { model, query: 9 });
    const wanted = await other.explain(picture, { model: same, method: "raw", layer: 1, head: 3, query: 9 });
    expect(maxDifference(heatOfQuery(all, 9).values, wanted.values)).toBeLessThanOrEqual(1e-4);
    expect(maxDifference(heatOfHead(heads, 1, 3).values, wanted.values)).toBeLessThanOrEqual(1e-4);
    const [figures, known] = [await vision.measureHeads(picture, { model }), await other.measureHeads(picture)];
    expect(maxDifference(figures.distance, known.distance)).toBeLessThanOrEqual(1e-2); // pixels
    expect(maxDifference(figures.entropy, known.entropy)).toBeLessThanOrEqual(1e-3);
  },
);

test("every kind of picture gives the same map, and stays the caller's", async () => {
  const { vision, model } = await start("wasm");
  const url = new URL("/test/golden/pictures/colour.png", location.href);
  const blob = new Blob([(await goldenFile("pictures/colour.png"))!]);
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
  const pixels = canvas.getContext("2d")!.getImageData(0, 0, bitmap.width, bitmap.height);
  const data = Uint8Array.from([...pixels.data].filter((_, i) => i % 4 !== 3));
  const rgb = { width: bitmap.width, height: bitmap.height, data };
  const pictures: ImageInput[] = [blob, url, url.href, url.pathname, bitmap, pixels, canvas, rgb];
  const wanted = await vision.explain(blob, { model });
  for (const picture of pictures) {
    const { values, seen } = await vision.explain(picture, { model });
    expect(seen).toEqual(wanted.seen);
    expect(maxDifference(values, wanted.values)).toBeLessThanOrEqual(1e-6);
  }
  expect([bitmap.width, data.length]).toEqual([rgb.width, rgb.width * rgb.height * 3]);
  const refused = vision.explain(new Blob(["no picture"]), { model });
  await expect(refused).rejects.toMatchObject({ name: "VisionError", code: "image-unknown-format" });
});

test("what cannot be answered is refused by code, and the model loaded last is asked", async () => {
  const { vision } = await start("wasm");
  const picture = draw(20, 20);
  for (const question of [{ method: "lime" as "raw" }, { layer: 0 }, { query: 16 }, { method: "module" }] as const) {
    const refused = vision.explain(picture, question);
    await expect(refused).rejects.toMatchObject({ name: "VisionError", code: "invalid-argument" });
  }
  expect((await vision.explain(picture)).method).toBe("rollout");
});

test("faithfulness tells its progress across the worker's boundary, and stops where it is told to", async () => {
  const { vision, model } = await start("wasm");
  const picture = draw(40, 30);
  const map = await vision.explain(picture, { model });
  const told: Progress[] = [];
  const onProgress = (progress: Progress) => void told.push(progress);
  const { deletion } = await vision.measureFaithfulness(picture, map, { model, target: 0, onProgress });
  expect(deletion.probabilities).toHaveLength(17);
  expect(told.at(-1)).toMatchObject({ stage: "faithfulness", loaded: 34, total: 34 });
  const controller = new AbortController();
  const options = { model, target: 0, signal: controller.signal, onProgress: () => controller.abort() };
  await expect(vision.measureFaithfulness(picture, map, options)).rejects.toMatchObject({ name: "AbortError" });
  expect((await vision.explain(picture, { model })).values).toEqual(map.values);
});

describe("memory on WebGL", () => {
  const measure = async (vision: Vision): Promise<MemoryReport> => (await vision.status()).memory;

  test("is as loading left it after answers, refusals and cancelled calls", async () => {
    const { vision, model } = await start("webgl");
    const { gpuBytesAllocated: before, ...baseline } = await measure(vision);
    await askEverything(vision, model);
    for (let after = 0; after < 8; after++) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), after * 40);
      const call = askEverything(vision, model, controller.signal);
      await call.catch((error: unknown) => expect(error).toMatchObject({ name: "AbortError" }));
    }
    const refused = vision.explain(draw(8, 8), { model, method: "chefer", target: 99 });
    await expect(refused).rejects.toMatchObject({ code: "invalid-argument" });
    await vision.classify(draw(8, 8), { model }); // behind whatever was still stopping
    const { gpuBytesAllocated: now, ...inUse } = await measure(vision);
    expect(inUse).toEqual(baseline);
    expect(now).toBeLessThan(before! + 64 * 1024 * 1024);
  }, 120_000); // on a GPU in software
});

describe("a worker that loses its GPU in the middle of a map", () => {
  test("the call rejects by code and the next one works, with the same numbers", async () => {
    const { vision, model } = await start("webgl", { worker: breakableWorker });
    const picture = draw(40, 30);
    const before = await vision.explain(picture, { model, method: "chefer" });
    const running = vision.measureFaithfulness(picture, before, {
      model,
      target: 0,
      steps: 8,
      onProgress: ({ loaded }) => {
        if (loaded === 8) new BroadcastChannel("break-worker").postMessage("context");
      },
    });
    await expect(running).rejects.toMatchObject({ name: "VisionError", code: "context-lost" });
    const after = await vision.explain(picture, { model, method: "chefer" });
    expect(maxDifference(after.values, before.values)).toBeLessThanOrEqual(1e-6);
  }, 120_000); // two workers on a GPU in software
});
