import { InferenceSession, Tensor } from "onnxruntime-web";
import { expect, test } from "vitest";
import { writeOnnxAttentionCnn } from "../../../bench/models/onnx-attention-cnn.ts";
import { writeOnnxVit } from "../../../bench/models/onnx-vit.ts";
import { openModel } from "../../../worker/checkpoint/open-model.ts";
import { goldenFolder, goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { goldenConfig } from "../../worker/models/attention-cnn/golden-suite.ts";

async function runOnnx(model: Uint8Array, { values, shape }: GoldenTensor): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { executionProviders: ["wasm"] });
  const { logits } = await session.run({ pixel_values: new Tensor("float32", values, [...shape]) });
  await session.release();
  return logits!.data as Float32Array;
}

test("a ViT written as ONNX has PyTorch's logits", async () => {
  const opened = await openModel(goldenFolder("vit-hf"));
  if (opened.type !== "vit") throw new Error("expected a ViT");
  const model = writeOnnxVit(opened.config, opened.read);
  const expected = await goldenTensors("vit-hf/expected.safetensors");
  const logits = await runOnnx(model, expected.get("pixel_values")!);
  expect(maxDifference(logits, expected.get("logits")!.values)).toBeLessThan(1e-5);
});

test.each(["scaled", "unscaled", "plain"] as const)(
  "a CNN written as ONNX has PyTorch's logits: %s",
  async (variant) => {
    const weights = await goldenTensors("attention-cnn/weights.safetensors");
    const model = writeOnnxAttentionCnn(await goldenConfig(variant), (name) => weights.get(name)!.values);
    const expected = await goldenTensors("attention-cnn/expected.safetensors");
    const logits = await runOnnx(model, expected.get("pixel_values")!);
    expect(maxDifference(logits, expected.get(`${variant}/logits`)!.values)).toBeLessThan(1e-5);
  },
);
