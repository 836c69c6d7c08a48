import { memory } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { abortError, VisionError } from "../../../worker/contract/errors.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import type { Progress } from "../../../worker/contract/progress.ts";
import { Session, type Host } from "../../../worker/runtime/session.ts";
import { writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import { goldenFolder } from "../../setup/golden.ts";
import { memoryFolder, readSchemes, schemeTensors } from "../checkpoint/scheme-folder.ts";

/** Pictures come ready-made here; decoding has its own tests. */
const host: Host = {
  drivers: nodeBackends,
  decode: (image) =>
    typeof image === "object" && "data" in image
      ? Promise.resolve(image)
      : Promise.reject(new VisionError("image-corrupt", "not a picture")),
};

const picture = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 11) % 256),
});

let session: Session | null = null;
const start = async (): Promise<Session> => (session = await Session.start(host, "wasm", () => undefined));
afterEach(() => session?.dispose());

test("half floats are WebGL's alone", async () => {
  session = await Session.start(host, "wasm", () => undefined, "float16");
  expect(session.backend).toMatchObject({ name: "wasm", precision: "float32" });
});

describe("classify", () => {
  test("answers a batch as it answers each picture alone, in order", async () => {
    const running = await start();
    const { id } = await running.load(1, goldenFolder("vit-hf"));
    const pictures = Array.from({ length: 19 }, (_, i) => picture(20 + i, 40 - i));
    const together = await running.classify(pictures, { model: id, topK: 10 });
    for (const [i, image] of pictures.entries()) {
      const [alone] = await running.classify([image], { model: id, topK: 10 });
      together[i]!.predictions.forEach((prediction, rank) => {
        expect(prediction.index).toBe(alone!.predictions[rank]!.index);
        expect(prediction.score).toBeCloseTo(alone!.predictions[rank]!.score, 5);
      });
      expect(together[i]!.seen.source).toEqual({ width: image.width, height: image.height });
    }
  });

  test.each(["preprocessor_config.json", null])("says that one channel is no picture, recipe in %s", async (recipe) => {
    const { hf4 } = await readSchemes();
    const tensors = await schemeTensors(hf4);
    const patches = "vit.embeddings.patch_embeddings.projection.weight"; // [32, 3, 8, 8] of halves
    const { dtype, bytes } = tensors.get(patches)!;
    tensors.set(patches, { dtype, shape: [32, 1, 8, 8], bytes: bytes.slice(0, bytes.length / 3) });
    const folder = memoryFolder({
      "config.json": { ...hf4.config, num_channels: 1 },
      "model.safetensors": writeSafetensors(tensors),
      ...(recipe && { [recipe]: { size: 32, image_mean: [0.5], image_std: [0.5] } }),
    });
    const running = await start();
    const { id } = await running.load(1, folder);
    const refused = { code: "config-unsupported", message: expect.stringContaining("this model takes 1; use forward") };
    await expect(running.classify([picture(8, 8)], { model: id, topK: 1 })).rejects.toMatchObject(refused);
    await expect(running.measureHeads(picture(8, 8), { model: id })).rejects.toMatchObject(refused);
    const pixels = { shape: [1, 1, 32, 32], values: new Float32Array(32 * 32) };
    expect((await running.forward(id, pixels, { stages: ["logits"] })).get("logits")!.shape).toEqual([1, 5]);
  });

  test("a picture that never comes holds up no other call's", async () => {
    session = await Session.start({ ...host, fetch: () => new Promise(() => undefined) }, "wasm", () => undefined);
    const { id } = await session.load(1, goldenFolder("vit-hf"));
    const stop = new AbortController();
    const far = ["https://example.org/stalls.jpg", () => new Promise<RgbImage>(() => undefined)] as const;
    const waiting = far.map((image) => session!.classify([image], { model: id, topK: 1 }, { signal: stop.signal }));
    const outcomes = Promise.allSettled(waiting);
    expect(await session.classify([picture(8, 8)], { model: id, topK: 1 })).toHaveLength(1);
    stop.abort();
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("tells progress, and stops where it is told to", async () => {
    const running = await start();
    const { id } = await running.load(1, goldenFolder("vit-hf"));
    const seen: Progress[] = [];
    await running.classify(
      Array.from({ length: 9 }, () => picture(8, 8)),
      { model: id, topK: 1 },
      { onProgress: (progress) => seen.push(progress) },
    );
    expect(seen.map(({ loaded, total }) => [loaded, total])).toEqual([
      [8, 9],
      [9, 9],
    ]);
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    const many = Array.from({ length: 100 }, () => picture(8, 8));
    await expect(running.classify(many, { model: id, topK: 1 }, options)).rejects.toMatchObject({ name: "AbortError" });
  });

  test.each([0, -1, 1.5, NaN])("topK %s is refused", async (topK) => {
    const running = await start();
    const { id } = await running.load(1, goldenFolder("vit-hf"));
    await expect(running.classify([picture(8, 8)], { model: id, topK })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });

  test("a model that was never loaded, or is no longer, is named", async () => {
    const running = await start();
    const call = () => running.classify([picture(8, 8)], { model: 7, topK: 1 });
    await expect(call()).rejects.toMatchObject({ code: "model-not-loaded" });
    await running.load(7, goldenFolder("vit-hf"));
    await running.unload(7);
    await expect(call()).rejects.toMatchObject({ code: "model-not-loaded" });
  });

  test("unloading a model lets the calls end that use it, and frees it then", async () => {
    const running = await start();
    const before = memory().numTensors;
    await running.load(7, goldenFolder("vit-hf"));
    const pictures = Array.from({ length: 20 }, () => picture(8, 8));
    const call = running.classify(pictures, { model: 7, topK: 1 });
    await running.unload(7);
    expect(await call).toHaveLength(20);
    expect(memory().numTensors).toBe(before);
  });

  test("a picture that the recipe leaves at another size than the model's is refused, not scrambled", async () => {
    const running = await start();
    const folder = goldenFolder("vit-hf");
    const recipe = new TextEncoder().encode(JSON.stringify({ do_resize: false }));
    const read = (path: string) => (path === "preprocessor_config.json" ? Promise.resolve(recipe) : folder.read(path));
    await running.load(1, { ...folder, read });
    expect(await running.classify([picture(32, 32)], { model: 1, topK: 1 })).toHaveLength(1);
    for (const [width, height] of [
      [16, 64],
      [33, 32],
      [1, 1],
    ] as const) {
      await expect(running.classify([picture(width, height)], { model: 1, topK: 1 })).rejects.toMatchObject({
        code: "input-shape",
      });
    }
  });

  test("pixels of the wrong shape are told in PyTorch's order of axes", async () => {
    const running = await start();
    const { id } = await running.load(1, goldenFolder("vit-hf"));
    const forward = (...shape: number[]) =>
      running.forward(id, { shape, values: new Float32Array(shape.reduce((a, b) => a * b)) }, { stages: ["logits"] });
    await expect(forward(2, 3, 48, 48)).rejects.toThrow("pixel_values: expected [*, 3, 32, 32], got [2, 3, 48, 48]");
    await expect(forward(0, 3, 32, 32)).rejects.toMatchObject({ code: "input-shape" });
  });
});

describe("memory", () => {
  test("200 answers, 20 cancelled calls and 20 failures leave what loading left", async () => {
    const running = await start();
    const { id } = await running.load(1, goldenFolder("vit-hf"));
    const baseline = running.status().memory;
    for (let i = 0; i < 200; i++)
      await running.classify([picture(1 + (i % 60), 61 - (i % 60))], { model: id, topK: 3 });
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const call = running.classify([picture(30, 30)], { model: id, topK: 1 }, { signal: controller.signal });
      setTimeout(() => controller.abort(), i % 5);
      await call.catch((error: unknown) => expect(error).toMatchObject(abortError()));
    }
    for (let i = 0; i < 20; i++) {
      await expect(running.classify(["nothing"], { model: id, topK: 1 })).rejects.toMatchObject({
        code: "image-corrupt",
      });
    }
    await running.classify([picture(8, 8)], { model: id, topK: 1 });
    expect(running.status().memory).toEqual(baseline);
    expect(running.status().queued).toBe(0);
  });

  test("loading under an id that is in use frees the model that had it; unloading frees the rest", async () => {
    const running = await start();
    const before = memory().numTensors;
    await running.load(1, goldenFolder("vit-hf"));
    const one = memory().numTensors;
    await running.load(1, goldenFolder("vit-hf"));
    expect(memory().numTensors).toBe(one);
    expect(running.status().models).toHaveLength(1);
    await running.unload(1);
    expect(memory().numTensors).toBe(before);
  });
});

test("a session can be started again after it was disposed", async () => {
  for (let i = 0; i < 2; i++) {
    const running = await start();
    const { id } = await running.load(1, goldenFolder("vit-hf"));
    expect(await running.classify([picture(8, 8)], { model: id, topK: 1 })).toHaveLength(1);
    running.dispose();
    session = null;
  }
});
