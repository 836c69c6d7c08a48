import { memory, tensor3d } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { buildGpt2, buildTransformer } from "../../../../worker/models/captioner/build-transformer.ts";
import { transformerDecoder } from "../../../../worker/models/captioner/caption-decoder.ts";
import { releaseTransformer } from "../../../../worker/models/captioner/transformer-decoder.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { goldenTensors, maxDifference } from "../../../setup/golden.ts";
import { goldenCaptioner, goldenVariant, GPT2, transformerConfig } from "./golden-captioners.ts";
import { writeAtOnce } from "./write-words.ts";

beforeAll(async () => {
  await cpuBackend.start(() => undefined);
});

test("a GPT-2 with an output of its own, and one whose memory is projected, are what they are made of", async () => {
  const weights = await goldenTensors("vit-gpt2/model.safetensors");
  const golden = await goldenCaptioner("GPT-2 behind a ViT");
  const [, count, width] = golden.features.shape as [number, number, number];
  const features = () => tensor3d(golden.features.values, [2, count, width]);
  const wanted = await writeAtOnce(golden.decoder, golden.decoder.start(features()), golden.words);

  // Twice the embeddings as an output: twice the logits. A memory of two halves, of which the projection drops one.
  const values = (name: string): Float32Array => {
    if (name === "decoder.lm_head.weight")
      return weights.get("decoder.transformer.wte.weight")!.values.map((x) => 2 * x);
    if (name === "enc_to_dec_proj.bias") return new Float32Array(width);
    if (name !== "enc_to_dec_proj.weight") return weights.get(name)!.values;
    return Float32Array.from({ length: width * 2 * width }, (_, at) =>
      at % (2 * width) === Math.floor(at / (2 * width)) ? 1 : 0,
    );
  };
  const doubled = Array.from({ length: 2 * count }, (_, row) => {
    const token = [...golden.features.values.subarray(row * width, (row + 1) * width)];
    return [...token, ...token.map((x) => 7 - x)];
  });
  const decoder = await buildGpt2({ ...GPT2, tiedOutput: false, memorySize: 2 * width }, values);
  const untied = transformerDecoder(decoder);
  const state = untied.start(tensor3d(doubled.flat(), [2, count, 2 * width]));
  const got = await writeAtOnce(untied, state, golden.words);
  for (const [at, { logits, alphas }] of got.entries()) {
    expect(
      maxDifference(
        logits,
        Array.from(wanted[at]!.logits, (x) => 2 * x),
      ),
    ).toBeLessThanOrEqual(1e-5);
    expect(maxDifference(alphas, wanted[at]!.alphas)).toBeLessThanOrEqual(1e-6);
  }
  releaseTransformer(decoder);
  golden.release();
});

test("building stops between blocks, and leaves nothing behind, whatever stops it", async () => {
  const config = transformerConfig(await goldenVariant("post-tied-sinusoidal"));
  const golden = await goldenTensors("captioner/post-tied-sinusoidal.safetensors");
  const read = (name: string): Float32Array => golden.get(`weights.${name}`)!.values;
  const before = memory().numTensors;
  let pauses = 0;
  const stop = () => (++pauses === 2 ? Promise.reject(new Error("stop")) : Promise.resolve());
  await expect(buildTransformer(config, read, stop)).rejects.toThrow("stop");
  const broken = (name: string): Float32Array => {
    if (name.includes("layers.1.linear2")) throw new Error("torn");
    return read(name);
  };
  await expect(buildTransformer(config, broken)).rejects.toThrow("torn");
  expect(memory().numTensors).toBe(before);
});
