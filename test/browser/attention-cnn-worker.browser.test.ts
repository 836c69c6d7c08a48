import { afterEach, describe, expect, test } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { Vision } from "../../src/client/vision.ts";
import type { BackendChoice, ModelInfo } from "../../worker/contract/api.ts";
import { attentionCnnFiles } from "../worker/checkpoint/attention-cnn-folder.ts";

let vision: Vision | null = null;
afterEach(() => vision?.dispose());

/** A tiny attention CNN in the real worker, as dropped files. */
async function start(backend: BackendChoice): Promise<{ vision: Vision; model: ModelInfo }> {
  vision = await createVision({ backend });
  const { "config.json": config, "model.safetensors": weights } = await attentionCnnFiles("scaled");
  const files = [new File([JSON.stringify(config)], "config.json"), new File([weights], "model.safetensors")];
  return { vision, model: await vision.load(files) };
}

/** A picture with something in it, `width × height`. */
function draw(width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (i * 7 + (i >> 5)) % 256));
  return image;
}

describe("an attention CNN in the worker", () => {
  test("answers on WebGL as on wasm and cpu", async () => {
    const answers: number[][] = [];
    for (const backend of ["webgl", "wasm", "cpu"] as const) {
      const { vision, model } = await start(backend);
      expect(model).toMatchObject({ type: "attention-cnn", layers: 1, heads: 1, grid: { width: 8, height: 8 } });
      const { predictions } = await vision.classify(draw(50, 30), { model });
      const scores = [...predictions].sort((a, b) => a.index - b.index).map(({ score }) => score);
      answers.push(scores);
      await vision.dispose();
    }
    for (const scores of answers.slice(1)) {
      scores.forEach((score, index) => expect(score).toBeCloseTo(answers[0]![index]!, 4));
    }
  });

  test("on WebGL leaves memory as loading left it, after answers and cancelled calls", async () => {
    const { vision, model } = await start("webgl");
    const { gpuBytesAllocated: before, ...baseline } = (await vision.status()).memory;
    expect(baseline.gpuBytes).toBeGreaterThan(0); // warmed up: the weights are on the GPU
    for (let i = 0; i < 60; i++) await vision.classify(draw(8 + ((i * 13) % 90), 8 + ((i * 29) % 70)), { model });
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const call = vision.classify([draw(40, 40), draw(50, 50)], { model, signal: controller.signal });
      setTimeout(() => controller.abort(), i * 3);
      await call.catch((error: unknown) => expect(error).toMatchObject({ name: "AbortError" }));
    }
    await vision.classify(draw(8, 8), { model }); // behind whatever was still stopping
    const { gpuBytesAllocated: now, ...inUse } = (await vision.status()).memory;
    expect(inUse).toEqual(baseline);
    expect(now).toBeLessThan(before! + 64 * 1024 * 1024);
    await vision.unload(model);
    expect((await vision.status()).memory.tensors).toBe(0);
  });
});
