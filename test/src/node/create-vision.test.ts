import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createVision, VisionError, type NodeImage, type NodeVision } from "../../../src/node/index.ts";
import type { ModelInfo } from "../../../worker/contract/api.ts";
import { scratchFolder } from "../cli/training/training-folders.ts";

const MODEL = "test/golden/vit-hf"; // 32 px, ten classes
const CAPTIONER = "test/golden/captioner-folders/recurrent";
const PHOTO = "test/golden/pictures/lossy.webp";

let vision: NodeVision;
let model: ModelInfo;
beforeAll(async () => {
  vision = await createVision();
  model = await vision.load(MODEL);
});
afterAll(() => vision.dispose());

describe("a picture", () => {
  test("may be a path, an address, bytes, a blob; several are answered in order", async () => {
    const bytes = await readFile(PHOTO);
    const server = createServer((_, response) => response.end(bytes)).listen(0);
    const { port } = server.address() as AddressInfo;
    const images: NodeImage[] = [
      PHOTO,
      pathToFileURL(resolve(PHOTO)),
      `http://localhost:${port}/photo.webp`,
      bytes,
      new Blob([bytes]),
    ];
    const { predictions } = await vision.classify(PHOTO);
    expect(predictions).toHaveLength(5);
    const answers = await vision.classify(images, { model });
    server.close();
    expect(answers.map((answer) => answer.predictions)).toEqual(images.map(() => predictions));
  });

  test("that is not there is named, of several by its place", async () => {
    await expect(vision.classify("/none.png")).rejects.toMatchObject({
      code: "source-not-found",
      message: "/none.png: no such file",
    });
    await expect(vision.classify([PHOTO, "/none.png"])).rejects.toMatchObject({
      image: 1,
      message: "picture 2 of 2: /none.png: no such file",
    });
  });
});

test("a model that was fetched is kept on disk, and can be deleted", async () => {
  vi.stubEnv("XDG_CACHE_HOME", await scratchFolder());
  const server = createServer((request, response) => {
    readFile(join(MODEL, basename(request.url!))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  }).listen(0);
  const { port } = server.address() as AddressInfo;
  const far = await vision.load(`http://localhost:${port}/far/`);
  server.close();
  const kept = await vision.storedModels();
  expect(kept.map(({ origin }) => origin)).toEqual([far.origin]);
  expect(kept[0]!.bytes).toBeGreaterThan(far.weightBytes);
  await vision.forgetModel(far.origin);
  expect(await vision.storedModels()).toEqual([]);
  await vision.unload(far);
  vi.unstubAllEnvs();
});

describe("a model", () => {
  test("is, where none is named, the newest that can answer", async () => {
    const captioner = await vision.load(CAPTIONER);
    expect((await vision.classify(PHOTO, { topK: 2 })).predictions).toHaveLength(2);
    const told: string[] = [];
    const { text, words } = await vision.caption(PHOTO, {
      beams: 1,
      maxWords: 4,
      onWord: (word) => told.push(word.text),
    });
    expect(told).toEqual(words.map((word) => word.text));
    expect(text.length).toBeGreaterThan(0);
    await vision.unload(captioner);
    await expect(vision.caption(PHOTO)).rejects.toBeInstanceOf(VisionError);
  });

  test("that is none is refused by code", async () => {
    await expect(vision.load("nothere")).rejects.toMatchObject({
      code: "source-not-found",
      message: expect.stringMatching(/^model: expected a folder, .* got nothere/) as string,
    });
    const refused = vision.classify(PHOTO, { model: "everyday-vit" as unknown as ModelInfo });
    await expect(refused).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("takes the head that was taught with it", async () => {
    const pictures = { one: [PHOTO], other: ["test/golden/pictures/orientation-6.jpg"] };
    const head = await vision.teach(pictures, { model });
    const mine = await vision.load({ from: MODEL, head });
    expect(mine.labels).toEqual(["one", "other"]);
    const best = (await vision.classify(Object.values(pictures).flat(), { model: mine, topK: 1 })).map(
      ({ predictions }) => predictions[0]!.label,
    );
    expect(best).toEqual(["one", "other"]);
    await vision.unload(mine);
    await expect(vision.load({ from: MODEL, head: {} as typeof head })).rejects.toBeInstanceOf(VisionError);
  });
});

test("the other questions are those of the browser's library", async () => {
  const heat = await vision.explain(PHOTO, { model, method: "chefer", target: 1 });
  expect(heat).toMatchObject({ method: "chefer", grid: { width: 4, height: 4 } });
  const curves = await vision.measureFaithfulness(PHOTO, heat, { target: 1, steps: 2 });
  expect(curves.deletion.probabilities).toHaveLength(3);
  expect(await vision.embed(PHOTO)).toHaveLength(48);
  expect(await vision.explainHeads(PHOTO)).toMatchObject({ layers: model.layers, heads: model.heads });
  expect(await vision.measureHeads(PHOTO)).toMatchObject({ layers: model.layers, heads: model.heads });
  const pixels = { shape: [1, 3, 32, 32], values: new Float32Array(3 * 32 * 32) };
  expect((await vision.forward(pixels, { stages: ["logits"] })).get("logits")).toMatchObject({ shape: [1, 10] });
  const stop = AbortSignal.abort();
  await expect(vision.classify(PHOTO, { signal: stop })).rejects.toMatchObject({ name: "AbortError" });
});

test("an option that there is not is refused, as in the browser", async () => {
  const slip = { topk: 1 } as object;
  for (const call of [
    () => vision.classify(PHOTO, slip),
    () => vision.embed([PHOTO], slip),
    () => vision.teach({ one: [PHOTO] }, slip),
    () => vision.load(MODEL, slip),
    () => createVision(slip),
    () => vision.explain(PHOTO, { signal: "stop" as unknown as AbortSignal }),
  ])
    await expect(call()).rejects.toMatchObject({ code: "invalid-argument" });
});

test("there is one in a process at a time", async () => {
  await expect(createVision({ backend: "cpu" })).rejects.toMatchObject({ code: "backend-unavailable" });
  await vision.dispose();
  await vision.dispose(); // again does nothing
  await expect(vision.classify(PHOTO, { model })).rejects.toMatchObject({ code: "disposed" });
  vision = await createVision({ backend: "cpu" });
  await expect(vision.classify(PHOTO)).rejects.toMatchObject({ code: "model-not-loaded" });
  await vision.load("test/golden/vit-hf");
  await expect(vision.classify(PHOTO, { model })).rejects.toMatchObject({ code: "model-not-loaded" }); // the other's
});
