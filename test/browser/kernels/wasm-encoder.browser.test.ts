import { afterEach, expect, test } from "vitest";
import { createVision } from "../../../src/client/create-vision.ts";
import type { Vision } from "../../../src/client/vision.ts";
import { goldenFile } from "../../setup/golden.ts";

let vision: Vision | null = null;
afterEach(() => vision?.dispose());

const picture = new ImageData(40, 30);
picture.data.forEach((_, i) => (picture.data[i] = i % 4 === 3 ? 255 : (i * 7 + (i >> 5)) % 256));

async function scoresOn(backend: "wasm" | "cpu") {
  vision = await createVision({ backend });
  const names = ["config.json", "preprocessor_config.json", "model.safetensors"];
  const files = names.map(async (name) => new File([(await goldenFile(`vit-hf/${name}`))!], name));
  const model = await vision.load(await Promise.all(files));
  const { predictions } = await vision.classify(picture, { model, topK: 10 });
  const { tensors } = (await vision.status()).memory;
  await vision.dispose();
  return { tensors, scores: predictions.toSorted((a, b) => a.index - b.index).map(({ score }) => score) };
}

test("the worker answers on kernels of our own, which keep no tensors, as it answers composed of tensors", async () => {
  const wasm = await scoresOn("wasm");
  const cpu = await scoresOn("cpu");
  expect(wasm.tensors).toBe(0);
  expect(cpu.tensors).toBeGreaterThan(0);
  expect(wasm.scores).toHaveLength(10);
  wasm.scores.forEach((score, index) => expect(score).toBeCloseTo(cpu.scores[index]!, 5));
});
