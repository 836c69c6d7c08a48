import { memory } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import type { BackendName } from "../../../worker/contract/api.ts";
import { abortError } from "../../../worker/contract/errors.ts";
import type { ModelStage } from "../../../worker/contract/forward.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { openModel } from "../../../worker/checkpoint/open-model.ts";
import { placeModel } from "../../../worker/runtime/placed/loaded-model.ts";
import { Session, type Host } from "../../../worker/runtime/session.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { attentionCnnFiles, type CnnVariant } from "../checkpoint/attention-cnn-folder.ts";
import { memoryFolder } from "../checkpoint/scheme-folder.ts";

/** Pictures come ready-made here; decoding has its own tests. */
const host: Host = {
  drivers: nodeBackends,
  decode: (image) => Promise.resolve(image as RgbImage),
};

const picture = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 11) % 256),
});

let session: Session | null = null;
afterEach(() => session?.dispose());

const folderOf = async (variant: CnnVariant) => memoryFolder(await attentionCnnFiles(variant), variant);

async function start(variant: CnnVariant, backend: BackendName = "wasm") {
  const running = (session = await Session.start(host, backend, () => undefined));
  return { running, info: await running.load(1, await folderOf(variant)) };
}

const expected = await goldenTensors("attention-cnn/expected.safetensors");

/** A golden map `[B, H, W, C]` in PyTorch's order `[B, C, H, W]`. */
function channelsFirst({ shape, values }: GoldenTensor): GoldenTensor {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const turned = new Float32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const channel = at % channels;
    const place = Math.floor(at / channels) % (height * width);
    const image = Math.floor(at / channels / height / width);
    turned[(image * channels + channel) * height * width + place] = values[at]!;
  }
  return { shape: [batch, channels, height, width], values: turned };
}

describe("what the page is told of it", () => {
  const facts = { type: "attention-cnn", prefixTokens: 0, hiddenStates: 4, pooler: false };
  const inputSize = { width: 32, height: 32 };
  const square = (side: number) => ({ width: side, height: side });
  test.each([
    ["scaled", { layers: 1, heads: 1, grid: square(8) }],
    ["last", { layers: 1, heads: 1, grid: square(4) }],
    ["plain", { layers: 0, heads: 0, grid: square(4) }],
  ] as const)("%s", async (variant, shape) => {
    const { info } = await start(variant);
    expect(info).toMatchObject({ ...facts, ...shape, inputSize, dtype: "F32", name: variant });
    expect(info.labels).toHaveLength(5);
  });
});

describe("forward", () => {
  test.each(["wasm", "cpu"] as const)("gives PyTorch's numbers in PyTorch's order on %s", async (backend) => {
    const { running } = await start("scaled", backend);
    const wanted = new Map<ModelStage, GoldenTensor>([
      ["logits", expected.get("scaled/logits")!],
      ["pooled", expected.get("scaled/pooled")!],
      ["attentions.0", expected.get("scaled/attention.weights")!],
      ["last_hidden_state", channelsFirst(expected.get("scaled/features")!)],
      ["hidden_states.0", channelsFirst(expected.get("scaled/stem")!)],
      ...[0, 1, 2].map((stage): [ModelStage, GoldenTensor] => [
        `hidden_states.${stage + 1}`,
        channelsFirst(expected.get(`scaled/stages.${stage}`)!),
      ]),
    ]);
    const got = await running.forward(1, expected.get("pixel_values")!, { stages: [...wanted.keys()] });
    expect([...got.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [stage, { shape, values }] of wanted) {
      expect(got.get(stage)!.shape, stage).toEqual(shape);
      expect(maxDifference(got.get(stage)!.values, values), stage).toBeLessThanOrEqual(1e-5);
    }
  });

  test("takes an image of another size where it is asked to, as PyTorch does", async () => {
    const { running } = await start("scaled");
    const pixels = expected.get("odd/pixel_values")!;
    const stages = ["logits", "attentions.0", "hidden_states.2"] as const;
    await expect(running.forward(1, pixels, { stages })).rejects.toThrow(
      "pixel_values: expected [*, 3, 32, 32], got [1, 3, 21, 18]",
    );
    const got = await running.forward(1, pixels, { stages, interpolate: true });
    for (const [stage, name] of [
      ["logits", "logits"],
      ["attentions.0", "attention.weights"],
      ["hidden_states.2", "stages.1"],
    ] as const) {
      const { shape, values } = expected.get(`odd/${name}`)!;
      expect(got.get(stage)!.shape).toEqual(shape);
      expect(maxDifference(got.get(stage)!.values, values), stage).toBeLessThanOrEqual(1e-5);
    }
    const onePixel = { shape: [1, 3, 1, 1], values: new Float32Array(3) };
    expect((await running.forward(1, onePixel, { stages: ["logits"], interpolate: true })).size).toBe(1);
    const none = { shape: [1, 3, 0, 8], values: new Float32Array(0) };
    await expect(running.forward(1, none, { stages: ["logits"], interpolate: true })).rejects.toMatchObject({
      code: "input-shape",
    });
  });

  test.each([
    ["attentions.1", "invalid-argument"],
    ["hidden_states.4", "invalid-argument"],
    ["pooler_output", "model-has-no-head"],
  ] as const)("%s, which it has not, is refused: %s", async (stage, code) => {
    const { running } = await start("scaled");
    const before = memory().numTensors;
    const call = running.forward(1, expected.get("pixel_values")!, { stages: ["logits", stage] });
    await expect(call).rejects.toMatchObject({ code });
    expect(memory().numTensors).toBe(before);
  });
});

describe("classify", () => {
  test("answers pictures of any size, together as alone", async () => {
    const { running } = await start("scaled");
    const pictures = Array.from({ length: 11 }, (_, i) => picture(1 + i * 7, 61 - i * 6));
    const together = await running.classify(pictures, { model: 1, topK: 5 });
    for (const [i, image] of pictures.entries()) {
      const [alone] = await running.classify([image], { model: 1, topK: 5 });
      together[i]!.predictions.forEach(({ index, score }, rank) => {
        expect(index).toBe(alone!.predictions[rank]!.index);
        expect(score).toBeCloseTo(alone!.predictions[rank]!.score, 5);
      });
    }
  });
});

describe.each(["wasm", "cpu"] as const)("memory on %s", (backend) => {
  test("answers, cancelled calls and other sizes leave what loading left; unloading leaves nothing", async () => {
    const { running } = await start("scaled", backend);
    const baseline = running.status().memory;
    expect(baseline.tensors === 0, "an engine holds no tensors").toBe(backend === "wasm");
    for (let i = 0; i < 20; i++) await running.classify([picture(1 + i, 30 - i)], { model: 1, topK: 1 });
    const states = { stages: ["hidden_states.0", "hidden_states.3", "attentions.0"], interpolate: true } as const;
    await running.forward(1, expected.get("odd/pixel_values")!, states);
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const call = running.classify([picture(30, 30)], { model: 1, topK: 1 }, { signal: controller.signal });
      setTimeout(() => controller.abort(), i % 4);
      await call.catch((error: unknown) => expect(error).toMatchObject(abortError()));
    }
    await running.classify([picture(8, 8)], { model: 1, topK: 1 });
    for (const method of ["module", "grad-cam"] as const) await running.explain(picture(9, 7), { model: 1, method });
    expect(running.status().memory).toEqual(baseline);
    await running.unload(1);
    expect(running.status().memory.tensors).toBe(0);
  });
});

test("loading stops between two stages, and leaves nothing behind", async () => {
  session = await Session.start(host, "wasm", () => undefined);
  const folder = await folderOf("scaled");
  const opened = await openModel(folder);
  const before = memory().numTensors;
  for (let last = 1; last <= 3; last++) {
    let pauses = 0;
    const pause = () => (++pauses === last ? Promise.reject(abortError()) : Promise.resolve());
    await expect(placeModel(1, folder, opened, undefined, pause)).rejects.toMatchObject({ name: "AbortError" });
  }
  expect(memory().numTensors).toBe(before);
});
