import { describe, expect, test, vi } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { Vision, VisionOptions } from "../../src/client/vision.ts";
import type { MemoryReport } from "../../worker/contract/api.ts";
import { draw, MODEL, start, within } from "./start-vision.ts";

const breakableWorker = () =>
  new Worker(new URL("./fixtures/breakable-worker.ts", import.meta.url), { type: "module" });

/** A browser that gives this page no more WebGL. */
const gpulessWorker = () => new Worker(new URL("./fixtures/gpuless-worker.ts", import.meta.url), { type: "module" });

/** It never gets ready. */
const silentWorker = () => new Worker(URL.createObjectURL(new Blob([])));

const breakWorker = (how: "context" | "crash"): void => {
  const channel = new BroadcastChannel("break-worker");
  channel.postMessage(how);
  channel.close();
};

describe("a worker that does not start", () => {
  test("because its URL is a 404", async () => {
    await expect(within(2000, createVision({ worker: "/no/such/worker.js" }))).rejects.toMatchObject({
      name: "VisionError",
      code: "worker-failed-to-start",
    });
  });

  test("because it throws", async () => {
    const url = URL.createObjectURL(new Blob(["throw new Error('on purpose')"], { type: "text/javascript" }));
    await expect(within(2000, createVision({ worker: url }))).rejects.toMatchObject({
      code: "worker-failed-to-start",
      message: expect.stringContaining("on purpose"),
    });
  });

  test.each([
    [
      "its function throws",
      () => {
        throw new Error("on purpose");
      },
    ],
    ["its function returns nothing", () => undefined],
    ["its URL is none", "http://["],
  ])("because %s", async (_, worker) => {
    await expect(createVision({ worker: worker as string })).rejects.toMatchObject({
      code: "worker-failed-to-start",
    });
  });

  test("because the caller has changed their mind", async () => {
    await expect(createVision({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });
});

test("a model that is none is refused by code", async () => {
  const vision = await start();
  for (const nonsense of [null, undefined, 5, {}, [1], "http://["]) {
    await expect(vision.load(nonsense as string)).rejects.toMatchObject({
      code: expect.stringMatching(/^(invalid-argument|source-unsupported)$/),
    });
  }
  await expect(createVision({ models: "http://[" })).rejects.toMatchObject({ code: "invalid-argument" });
});

describe("cancelling", () => {
  test("rejects with AbortError, and the worker is free for the next call", async () => {
    const vision = await start();
    const model = await vision.load(MODEL);
    const controller = new AbortController();
    const many = Array.from({ length: 512 }, () => draw(64, 64));
    const running = vision.classify(many, { model, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    await expect(vision.classify(draw(8, 8), { model, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect((await vision.classify(draw(8, 8), { model })).predictions).toHaveLength(5);
    expect((await vision.status()).queued).toBe(0);
  });
});

test("a cancelled call tells the reason that its signal has", async () => {
  const vision = await start({ backend: "wasm" });
  const model = await vision.load(MODEL);
  const reason = new Error("the visitor left");
  const cancelled = (signal: AbortSignal) => expect(vision.classify(draw(64, 64), { model, signal })).rejects;
  await cancelled(AbortSignal.abort(reason)).toMatchObject({ name: "AbortError", cause: reason });
  const leaving = new AbortController();
  const left = cancelled(leaving.signal).toMatchObject({ name: "AbortError", cause: reason });
  leaving.abort(reason);
  await left;
});

describe("a picture that never comes", () => {
  test("can be given up, and is over when the vision is", async () => {
    const vision = await start({ backend: "wasm" });
    await vision.load(MODEL);
    const image = new Image();
    image.decode = () => new Promise(() => undefined);
    const stop = new AbortController();
    const cancelled = vision.classify(image, { signal: stop.signal });
    const disposed: Promise<unknown>[] = [vision.explain(image), vision.watch(document.createElement("video")).next()];
    stop.abort();
    await expect(within(1000, cancelled)).rejects.toMatchObject({ name: "AbortError" });
    await vision.dispose();
    for (const call of disposed) await expect(within(1000, call)).rejects.toMatchObject({ code: "disposed" });
    const late = vision.watch(document.createElement("video")).next();
    await expect(within(1000, late)).rejects.toMatchObject({ code: "disposed" });
  });
});

describe("a model", () => {
  test("is found by calls made before it was unloaded", async () => {
    const vision = await start({ backend: "wasm" });
    const model = await vision.load(MODEL);
    const calls = [vision.classify(draw(8, 8), { model }), vision.explain(draw(8, 8), { model })];
    await vision.unload(model);
    await Promise.all(calls);
    await expect(vision.classify(draw(8, 8), { model })).rejects.toMatchObject({ code: "model-not-loaded" });
  });

  test("can be unloaded while a picture for another one never comes", async () => {
    const vision = await start({ backend: "wasm" });
    const [model, other] = [await vision.load(MODEL), await vision.load(MODEL)];
    const never = new Image();
    Object.defineProperty(never, "decode", { value: () => new Promise(() => undefined) });
    const stop = new AbortController();
    const waiting = vision.classify(never, { model: other, signal: stop.signal });
    const cancelled = expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await within(2000, vision.unload(model));
    stop.abort();
    await cancelled;
  });

  test("of another vision is not taken for one's own", async () => {
    const [one, other] = [await start({ backend: "wasm" }), await start({ backend: "wasm" })];
    const [model] = [await one.load(MODEL), await other.load(MODEL)];
    await expect(other.classify(draw(8, 8), { model })).rejects.toMatchObject({ code: "model-not-loaded" });
    await other.unload(model);
    expect(await other.classify(draw(8, 8))).toMatchObject({ predictions: expect.any(Array) as unknown });
  });
});

test("whatever a caller without types gives is refused by code", async () => {
  const vision = (await start({ backend: "wasm" })) as unknown as Record<string, (...given: unknown[]) => unknown>;
  await vision.load!(MODEL);
  const image = draw(8, 8);
  const locked = new ReadableStream();
  locked.getReader();
  const calls = [
    () => vision.classify!(image, null),
    () => vision.classify!(image, { model: "everyday-vit" }),
    () => vision.classify!(image, { model: {} }),
    () => vision.caption!(image, null),
    () => vision.explain!(image, null),
    () => vision.measureFaithfulness!(image),
    () => vision.measureFaithfulness!(image, { grid: { width: 1, height: 1 }, values: [1] }, null),
    () => vision.measureFaithfulness!(image, { values: [1] }, { target: 0 }),
    () => vision.measureFaithfulness!(image, { grid: { width: 1, height: 1 }, values: [NaN] }, { target: 0 }),
    () => vision.explain!(image, { method: "rollout", discard: 1 }),
    () => vision.classify!(image, { signal: {} }),
    () => vision.classify!(image, { topk: 1 }),
    () => vision.teach!({ a: new Blob(), b: [image] }),
    () => createVision({ backends: "wasm" } as VisionOptions),
    () => (vision.watch!(locked) as AsyncGenerator).next(),
    () => vision.unload!(),
    () => vision.load!(MODEL, null),
    () => createVision(null as unknown as VisionOptions),
  ];
  for (const call of calls) {
    await expect(call(), String(call)).rejects.toMatchObject({ code: "invalid-argument" });
  }
});

describe("memory", () => {
  const measure = async (vision: Vision): Promise<MemoryReport> => (await vision.status()).memory;

  /** In use: exactly as before. Allocated: freed textures may be kept for reuse, up to a bound. */
  function expectBaseline(now: MemoryReport, baseline: MemoryReport): void {
    const { gpuBytesAllocated, ...inUse } = now;
    expect(inUse).toEqual({ tensors: baseline.tensors, bytes: baseline.bytes, gpuBytes: baseline.gpuBytes });
    expect(gpuBytesAllocated).toBeLessThan(baseline.gpuBytesAllocated! + 64 * 1024 * 1024);
  }

  test("is back at the baseline after answers, cancelled calls and failures", async () => {
    const vision = await start();
    const model = await vision.load(MODEL);
    const baseline = await measure(vision);
    expect(baseline.bytes).toBeGreaterThan(0);
    for (let i = 0; i < 200; i++) await vision.classify(draw(8 + ((i * 13) % 90), 8 + ((i * 29) % 70)), { model });
    expectBaseline(await measure(vision), baseline);
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const call = vision.classify([draw(40, 40), draw(50, 50)], { model, signal: controller.signal });
      setTimeout(() => controller.abort(), i * 3);
      await call.catch(() => undefined);
    }
    for (let i = 0; i < 20; i++) await vision.classify(new Blob(["no picture"]), { model }).catch(() => undefined);
    await vision.classify(draw(8, 8), { model }); // behind whatever was still stopping
    expectBaseline(await measure(vision), baseline);
    await vision.unload(model);
    expect(await measure(vision)).toMatchObject({ tensors: 0, bytes: 0 });
  });
});

describe("a worker that breaks", () => {
  test.each([
    ["context", "context-lost"],
    ["crash", "worker-crashed"],
  ] as const)("%s: the call under way rejects by code and the next one works", async (how, code) => {
    const restarts: string[] = [];
    const vision = await start({ worker: breakableWorker, onRestart: (reason) => restarts.push(reason) });
    const model = await vision.load(MODEL);
    const before = await vision.classify(draw(40, 30), { model });
    const many = Array.from({ length: 512 }, () => draw(32, 32));
    let broken = false;
    const onProgress = (): void => {
      if (!broken) breakWorker(how);
      broken = true;
    };
    await expect(within(2500, vision.classify(many, { model, onProgress }))).rejects.toMatchObject({
      name: "VisionError",
      code,
    });
    const after = await vision.classify(draw(40, 30), { model });
    expect(after.predictions).toEqual(before.predictions);
    expect(restarts).toHaveLength(1);
  });

  test("while idle is noticed as well", async () => {
    const vision = await start({ worker: breakableWorker });
    const model = await vision.load(MODEL);
    breakWorker("context");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await vision.classify(draw(40, 30), { model })).predictions).toHaveLength(5);
  });

  test("twice in a row keeps its models", async () => {
    const workers: Worker[] = [];
    const vision = await start({ worker: () => workers[workers.push(breakableWorker()) - 1]! });
    const model = await vision.load(MODEL);
    const before = await vision.classify(draw(40, 30), { model });
    breakWorker("crash");
    while (workers.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 500)); // the second worker is starting, or loading the model
    breakWorker("crash");
    const answers = Array.from({ length: 3 }, () => vision.classify(draw(40, 30), { model }).catch(() => null));
    expect(await Promise.all(answers)).toHaveLength(3); // these may fail, by code
    expect((await vision.classify(draw(40, 30), { model })).predictions).toEqual(before.predictions);
  });

  test("leaves the next one what was taught", async () => {
    const vision = await start({ worker: breakableWorker });
    const model = await vision.load(MODEL);
    const shade = (level: number): ImageData => {
      const image = new ImageData(32, 32);
      image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : level + (i % 7)));
      return image;
    };
    const told: string[] = [];
    const pictures = { dark: [0, 20, 40].map(shade), light: [200, 220, 240].map(shade) };
    const head = await vision.teach(pictures, { model, onProgress: ({ stage }) => told.push(stage) });
    expect([head.labels, head.rightWhenHeldAside, new Set(told)]).toEqual([["dark", "light"], 1, new Set(["embed"])]);
    const mine = await vision.load({ from: MODEL, head });
    const guess = async () =>
      (await vision.classify([shade(30), shade(230)], { model: mine, topK: 1 })).map(
        ({ predictions }) => predictions[0]!.label,
      );
    expect(await guess()).toEqual(["dark", "light"]);
    expect(await vision.embed(shade(30), { model: mine })).toEqual(await vision.embed(shade(30), { model }));
    breakWorker("crash");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await guess()).toEqual(["dark", "light"]);
    await expect(vision.teach({ dark: [], light: [shade(1)] }, { model })).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("dark") as string,
    });
    const notOne = { from: MODEL, head: { labels: ["a"] } } as unknown as Parameters<typeof vision.load>[0];
    await expect(vision.load(notOne)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("and whose GPU is then refused goes on without it", async () => {
    let started = 0;
    const worker = () => (++started === 1 ? breakableWorker() : gpulessWorker());
    const vision = await start({ worker });
    const model = await vision.load(MODEL);
    breakWorker("context");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await vision.classify(draw(40, 30), { model })).predictions).toHaveLength(5);
    expect(vision.backend.name).toBe("wasm");
  });

  test("a call can be cancelled while another worker is being started", async () => {
    let started = 0;
    const vision = await start({ worker: () => (++started === 1 ? breakableWorker() : silentWorker()) });
    const model = await vision.load(MODEL);
    breakWorker("context");
    await vi.waitFor(() => expect(started).toBe(2));
    const controller = new AbortController();
    const waiting = vision.classify(draw(40, 30), { model, signal: controller.signal });
    const outcome = expect(within(500, waiting)).rejects.toMatchObject({ name: "AbortError" });
    setTimeout(() => controller.abort(), 50);
    await outcome;
  });

  test("is not the one whose page throws in a callback", async () => {
    const told = vi.spyOn(globalThis, "reportError").mockImplementation(() => undefined);
    const restarts: string[] = [];
    const vision = await start({ onRestart: (reason) => restarts.push(reason) });
    const onProgress = () => {
      throw new Error("the page's own error");
    };
    const model = await vision.load(MODEL, { onProgress });
    expect((await vision.classify([draw(8, 8), draw(8, 9)], { model, onProgress })).length).toBe(2);
    expect((await vision.classify(draw(8, 8), { model })).predictions).toHaveLength(5);
    expect(told).toHaveBeenCalled();
    expect(restarts).toEqual([]);
    told.mockRestore();
  });

  test("disposing while another worker is being started ends that one too", async () => {
    const workers: Worker[] = [];
    const vision = await start({ worker: () => workers[workers.push(breakableWorker()) - 1]! });
    const model = await vision.load(MODEL);
    breakWorker("context");
    while (workers.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const waiting = expect(vision.classify(draw(8, 8), { model })).rejects.toMatchObject({ code: "disposed" });
    await vision.dispose();
    await within(500, waiting);
  });

  test("after dispose every call says so", async () => {
    const vision = await start();
    const model = await vision.load(MODEL);
    const running = expect(vision.classify(draw(300, 300), { model })).rejects.toMatchObject({ code: "disposed" });
    await vision.dispose();
    await running;
    await expect(vision.status()).rejects.toMatchObject({ code: "disposed" });
  });
});
