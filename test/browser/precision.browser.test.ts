import { afterEach, expect, test } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { Vision } from "../../src/client/vision.ts";
import { goldenFile, maxDifference } from "../setup/golden.ts";

let vision: Vision | null = null;
afterEach(() => vision?.dispose());

const picture = new ImageData(40, 30);
picture.data.forEach((_, i) => (picture.data[i] = i % 4 === 3 ? 255 : (i * 7 + (i >> 5)) % 256));

/** A picture's scores by class, where half floats are asked for, and what the backend says of that. */
async function askForHalf(backend: "webgl" | "wasm") {
  vision = await createVision({ backend, precision: "float16" });
  const names = ["config.json", "preprocessor_config.json", "model.safetensors"];
  const files = names.map(async (name) => new File([(await goldenFile(`vit-hf/${name}`))!], name));
  const model = await vision.load(await Promise.all(files));
  const { predictions } = await vision.classify(picture, { model, topK: 10 });
  const { precision } = vision.backend;
  await vision.dispose();
  return { precision, scores: predictions.toSorted((a, b) => a.index - b.index).map(({ score }) => score) };
}

test("half floats answer nearly as float32, and the backend tells which it keeps", async () => {
  const [half, whole] = [await askForHalf("webgl"), await askForHalf("wasm")];
  expect([half.precision, whole.precision]).toEqual(["float16", "float32"]);
  const apart = maxDifference(half.scores, whole.scores);
  expect(apart).toBeLessThan(1e-2);
  expect(apart).toBeGreaterThan(1e-5); // float32 on WebGL comes nearer
});

test("a precision that there is not is refused by name", async () => {
  await expect(createVision({ backend: "wasm", precision: "int8" as never })).rejects.toMatchObject({
    code: "invalid-argument",
    message: "precision: expected float32 or float16, got int8",
  });
});
