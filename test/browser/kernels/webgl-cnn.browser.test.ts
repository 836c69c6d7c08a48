import { memory, setBackend, tensor4d, type Tensor } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import type { CnnEngineStage } from "../../../worker/kernels/cnn-engine.ts";
import type { EngineArray } from "../../../worker/kernels/engine.ts";
import { createWebglCnn } from "../../../worker/kernels/webgl-cnn/engine.ts";
import { supportsWebglCnn } from "../../../worker/kernels/webgl-cnn/supports.ts";
import { releaseAttentionCnn } from "../../../worker/models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../../worker/models/attention-cnn/build-attention-cnn.ts";
import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import { runAttentionCnn } from "../../../worker/models/attention-cnn/run-attention-cnn.ts";
import { goldenTensors, maxDifference } from "../../setup/golden.ts";
import { drawCnnImages, drawCnnParameters, smallCnn } from "../../worker/kernels/random-cnn.ts";
import { goldenConfig } from "../../worker/models/attention-cnn/golden-suite.ts";
import { countObjects, openGl } from "./gl.ts";
import { nhwc } from "./nhwc.ts";

let gl: WebGL2RenderingContext;
beforeAll(async () => {
  await setBackend("cpu"); // the composed path's numbers, without a shader to compile
  gl = openGl();
});

describe.each([
  [8, ["scaled", "unscaled", "last", "plain", "gelu", "stride"]],
  [4, ["scaled", "stride"]],
] as const)("against PyTorch, stage by stage, on %i render targets", (targets, variants) => {
  test.each(variants)("%s", async (variant) => {
    const weights = await goldenTensors("attention-cnn/weights.safetensors");
    const expected = await goldenTensors("attention-cnn/expected.safetensors");
    const wanted = new Map(
      [...expected]
        .filter(([name]) => name.startsWith(`${variant}/`))
        .map(([name, tensor]) => [name.slice(variant.length + 1) as CnnEngineStage, tensor]),
    );
    const read = (name: string): Float32Array => weights.get(name)!.values;
    const engine = await createWebglCnn(await goldenConfig(variant), read, { gl, targets });
    const answers = await engine.run(nhwc(expected.get("pixel_values")!), { stages: [...wanted.keys()] });
    expect(answers.size).toBe(wanted.size);
    expect(wanted.has("logits")).toBe(true);
    for (const [stage, { shape, values }] of wanted) {
      const answer = answers.get(stage)!;
      expect(answer.shape, stage).toEqual(shape);
      expect(maxDifference(answer.values, values), stage).toBeLessThan(2e-5);
    }
    engine.release();
  });
});

/** Plans at the edges of what an attention CNN can be, how many images go in, and on how many render targets. */
const PLANS: readonly (readonly [string, Partial<AttentionCnnConfig>, number, number])[] = [
  ["an oblong image of odd sides", { imageSize: { width: 21, height: 13 } }, 2, 8],
  ["the same on four targets", { imageSize: { width: 21, height: 13 } }, 2, 4],
  ["one pixel", { imageSize: { width: 1, height: 1 } }, 3, 8],
  ["one column", { imageSize: { width: 1, height: 19 }, attention: null }, 1, 8],
  ["one row, of one channel", { imageSize: { width: 19, height: 1 }, channels: 1 }, 2, 4],
  [
    "a map of one position, strides of 3 and 1",
    {
      stem: { channels: 5, stride: 3 },
      stages: [
        { channels: 5, blocks: 3, stride: 1 },
        { channels: 5, blocks: 2, stride: 6 },
      ],
      attention: { afterStage: 1, innerChannels: 3, scaled: true },
    },
    2,
    8,
  ],
  ["no attention", { attention: null, activation: "gelu" }, 9, 8],
  ["no head, attention last and not scaled", { attention: { afterStage: 1, innerChannels: 7, scaled: false }, classes: 0 }, 1, 8], // prettier-ignore
  ["1024 positions", { imageSize: { width: 64, height: 64 } }, 1, 8],
  ["SiLU, many classes", { activation: "silu", classes: 101 }, 5, 4],
];

const stagesOf = ({ stages, attention, classes }: AttentionCnnConfig): CnnEngineStage[] => [
  "stem",
  ...stages.map((_, index) => `stages.${index}` as const),
  ...(attention ? (["attention.weights", "attention.output"] as const) : []),
  "features",
  "pooled",
  ...(classes > 0 ? (["logits"] as const) : []),
];

/** The composed path's answers on the cpu backend. */
async function compose(config: AttentionCnnConfig, read: (name: string) => Float32Array, images: EngineArray) {
  const cnn = await buildAttentionCnn(config, read);
  const input = tensor4d(images.values, images.shape as [number, number, number, number]);
  const answers = await runAttentionCnn(cnn, input, { stages: stagesOf(config) });
  const toHost = ([stage, tensor]: [CnnEngineStage, Tensor]) =>
    [stage, { shape: tensor.shape, values: tensor.dataSync() as Float32Array }] as const;
  const values = new Map([...answers].map(toHost));
  for (const tensor of [input, ...answers.values()]) tensor.dispose();
  releaseAttentionCnn(cnn);
  return values;
}

test.each(PLANS)("equals the composed path: %s", async (_, settings, batch, targets) => {
  const config = smallCnn(settings);
  const images = drawCnnImages(config, batch, 5);
  const wanted = await compose(config, drawCnnParameters(config, 11), images);
  const engine = await createWebglCnn(config, drawCnnParameters(config, 11), { gl, targets });
  const answers = await engine.run(images, { stages: stagesOf(config) });
  expect([...answers.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [stage, { shape, values }] of wanted) {
    const answer = answers.get(stage)!;
    expect(answer.shape, stage).toEqual(shape);
    expect(maxDifference(answer.values, values), stage).toBeLessThan(5e-5);
  }
  engine.release();
});

describe("a run", () => {
  test("of fewer images behind one of more sees nothing of those before", async () => {
    const config = smallCnn({ imageSize: { width: 11, height: 9 } });
    const engine = await createWebglCnn(config, drawCnnParameters(config, 1), { gl });
    const [many, one] = [drawCnnImages(config, 4, 1), drawCnnImages(config, 1, 2)];
    const alone = await engine.run(one, { stages: stagesOf(config) });
    await engine.run(many, { stages: ["logits"] });
    expect(await engine.run(one, { stages: stagesOf(config) })).toEqual(alone);
    engine.release();
  });

  test("computes nothing behind the last stage asked for, draws twice a block, and goes on after a stop", async () => {
    const config = smallCnn({});
    const engine = await createWebglCnn(config, drawCnnParameters(config, 1), { gl });
    const images = drawCnnImages(config, 1, 1);
    const { draws } = countObjects(gl);
    const counts: [number, number][] = [];
    for (const stage of ["stem", "stages.0", "attention.weights", "attention.output", "stages.1", "logits"] as const) {
      const before = draws();
      let pauses = 0;
      await engine.run(images, { stages: [stage], pause: async () => void pauses++ });
      counts.push([draws() - before, pauses]);
    }
    // prettier-ignore
    expect(counts).toEqual([[1, 0], [6, 2], [11, 3], [11, 3], [14, 4], [16, 5]]);
    const before = await engine.run(images, { stages: ["logits"] });
    let pauses = 0;
    const pause = () => (++pauses === 2 ? Promise.reject(new Error("stop")) : Promise.resolve());
    await expect(engine.run(images, { stages: ["stem", "logits"], pause })).rejects.toThrow("stop");
    expect(await engine.run(images, { stages: ["logits"] })).toEqual(before);
    engine.release();
  });

  test("of images of another shape is refused by name", async () => {
    const config = smallCnn({});
    const engine = await createWebglCnn(config, drawCnnParameters(config, 1), { gl });
    const images = { shape: [1, 16, 12, 3], values: new Float32Array(576) };
    await expect(engine.run(images, { stages: ["logits"] })).rejects.toMatchObject({
      code: "input-shape",
      message: "images: expected [*, 16, 16, 3], got [1, 16, 12, 3]",
    });
    engine.release();
  });
});

describe("what it holds on the GPU", () => {
  test("is its weights and the activations of its largest batch, and nothing once released or stopped", async () => {
    const config = smallCnn({});
    const { objects } = countObjects(gl);
    const tensors = memory().numTensors;
    const before = objects();
    const read = drawCnnParameters(config, 1);
    const engine = await createWebglCnn(config, read, { gl });
    const held: number[] = [];
    for (const batch of [1, 3, 2, 1]) {
      await engine.run(drawCnnImages(config, batch, 1), { stages: stagesOf(config) });
      held.push(engine.bytes());
    }
    expect(held[1]).toBeGreaterThan(held[0]!);
    expect(new Set(held.slice(1)).size).toBe(1);
    const inUse = objects();
    await engine.run(drawCnnImages(config, 3, 1), { stages: ["logits"] });
    expect(objects()).toEqual(inUse);
    engine.release();
    expect(engine.bytes()).toBe(0);
    await expect(engine.run(drawCnnImages(config, 1, 1), { stages: ["logits"] })).rejects.toMatchObject({
      code: "disposed",
    });
    const pause = () => Promise.reject(new Error("stop"));
    await expect(createWebglCnn(config, read, { gl, pause })).rejects.toThrow("stop");
    expect(objects()).toEqual(before);
    expect(memory().numTensors).toBe(tensors);
  });

  test("is gone with a lost context, which a run and a start tell by code", async () => {
    const lost = openGl();
    const config = smallCnn({});
    const read = drawCnnParameters(config, 1);
    const engine = await createWebglCnn(config, read, { gl: lost });
    const running = engine.run(drawCnnImages(config, 1, 1), {
      stages: ["logits"],
      pause: async () => lost.getExtension("WEBGL_lose_context")?.loseContext(),
    });
    await expect(running).rejects.toMatchObject({ code: "context-lost" });
    await expect(createWebglCnn(config, read, { gl: lost })).rejects.toMatchObject({ code: "context-lost" });
    engine.release();
  });
});

test("what it cannot compute, it does not take", () => {
  const plan = smallCnn({});
  expect(supportsWebglCnn(plan, gl)).toBe(true);
  expect(supportsWebglCnn({ ...plan, activation: "mish" }, gl)).toBe(false);
  expect(supportsWebglCnn({ ...plan, imageSize: { width: 1024, height: 1024 } }, gl)).toBe(false);
  expect(supportsWebglCnn({ ...plan, stem: { channels: 1 << 16, stride: 1 } }, gl)).toBe(false);
});
