import { memory, setBackend, tensor4d, type Tensor } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { toFloat32 } from "../../../worker/checkpoint/safetensors.ts";
import type { EncoderStage } from "../../../worker/kernels/encoder-engine.ts";
import type { EngineArray } from "../../../worker/kernels/engine.ts";
import { createWebglEncoder } from "../../../worker/kernels/webgl-encoder/engine.ts";
import { supportsWebglEncoder } from "../../../worker/kernels/webgl-encoder/supports.ts";
import { buildVit } from "../../../worker/models/vit/build-vit.ts";
import { gridSize, tokenCount, type VitConfig } from "../../../worker/models/vit/config.ts";
import { runVit } from "../../../worker/models/vit/run-vit.ts";
import { releaseVit } from "../../../worker/models/vit/vit.ts";
import { maxDifference } from "../../setup/golden.ts";
import { openAs } from "../../worker/checkpoint/open-as.ts";
import { drawImages, drawParameters, smallVit } from "../../worker/kernels/wasm-encoder/random-vit.ts";
import { GOLDEN_CASES } from "../../worker/models/vit/golden-cases.ts";
import { stageOf } from "../../worker/models/vit/golden-suite.ts";
import { countObjects, openGl } from "./gl.ts";
import { nhwc } from "./nhwc.ts";

let gl: WebGL2RenderingContext;
beforeAll(async () => {
  await setBackend("cpu"); // the composed path's numbers, without a shader to compile
  gl = openGl();
});

const ofItsSize = GOLDEN_CASES.filter(([name]) => name !== "interpolated positions");

describe.each([
  [8, ofItsSize],
  [4, ofItsSize.filter(([name]) => /^(vit-hf|deit4|GELU)/.test(name))],
] as const)("against PyTorch, stage by stage, on %i render targets", (span, cases) => {
  test.each(cases)("%s", async (_, golden) => {
    const { folder, pixels, expected } = await golden();
    const { config, parameters } = await openAs("vit", folder);
    const engine = await createWebglEncoder(config, (name) => toFloat32(parameters.get(name)!), {
      gl,
      tile: { lanes: 4, span },
    });
    const answers = await engine.run(nhwc(pixels), { stages: [...expected.keys()].map(stageOf) });
    expect(answers.size).toBe(expected.size);
    for (const [name, { shape, values }] of expected) {
      const answer = answers.get(stageOf(name))!;
      expect(answer.shape, name).toEqual(shape);
      expect(maxDifference(answer.values, values), name).toBeLessThan(1e-4);
    }
    engine.release();
  });
});

const square = (side: number) => ({ width: side, height: side });

/** Plans at the edges of what a ViT can be, how many images go in, and on how many render targets. */
const PLANS: readonly (readonly [string, Partial<VitConfig>, number, number])[] = [
  ["two tokens", { imageSize: square(4) }, 2, 8],
  ["one token", { imageSize: square(4), classToken: false, pooling: "mean" }, 2, 4],
  ["1025 tokens", { imageSize: square(128), layers: 1 }, 1, 8],
  ["width 1024", { imageSize: square(8), hiddenSize: 1024, heads: 16, intermediateSize: 200, layers: 1 }, 1, 8],
  ["heads of 5", { hiddenSize: 20, heads: 4 }, 3, 4],
  ["heads of 9, in one", { hiddenSize: 27, heads: 3, intermediateSize: 50 }, 2, 8],
  [
    "patches that are not square and leave a rim",
    { imageSize: { width: 33, height: 22 }, patchSize: { width: 5, height: 3 }, channels: 1 },
    2,
    8,
  ],
  ["mean pooling before the norm", { pooling: "mean", finalNorm: "pooled" }, 5, 8],
  ["distillation and pooler", { distillationToken: true, distillationHead: true, pooler: true, classes: 13 }, 3, 8],
  ["mean pooling and pooler, no head, no blocks", { pooling: "mean", pooler: true, classes: 0, layers: 0 }, 9, 4],
];

function stagesOf({ layers, pooler, classes }: VitConfig): EncoderStage[] {
  const blocks = Array.from({ length: layers }, (_, i) => [`blocks.${i}.attention`, `blocks.${i}.output`] as const);
  const answers: EncoderStage[] = ["encoded", "pooled", ...(pooler ? ["pooler_output" as const] : [])];
  return ["tokens", ...blocks.flat(), ...answers, ...(classes > 0 ? ["logits" as const] : [])];
}

/** The composed path's answers on the cpu backend. */
async function compose(config: VitConfig, read: (name: string) => Float32Array, images: EngineArray) {
  const vit = await buildVit(config, read);
  const input = tensor4d(images.values, images.shape as [number, number, number, number]);
  const answers = await runVit(vit, input, { stages: stagesOf(config) });
  const toHost = ([stage, tensor]: [EncoderStage, Tensor]) =>
    [stage, { shape: tensor.shape, values: tensor.dataSync() as Float32Array }] as const;
  const values = new Map([...answers].map(toHost));
  for (const tensor of [input, ...answers.values()]) tensor.dispose();
  releaseVit(vit);
  return values;
}

test.each(PLANS)("equals the composed path: %s", async (_, settings, batch, span) => {
  const config = smallVit(settings);
  const images = drawImages(config, batch, 5);
  const wanted = await compose(config, drawParameters(config, 11), images);
  const engine = await createWebglEncoder(config, drawParameters(config, 11), { gl, tile: { lanes: 4, span } });
  const answers = await engine.run(images, { stages: stagesOf(config) });
  expect([...answers.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [stage, { shape, values }] of wanted) {
    const answer = answers.get(stage)!;
    expect(answer.shape, stage).toEqual(shape);
    expect(maxDifference(answer.values, values), stage).toBeLessThan(1e-4);
    if (stage.endsWith(".attention")) expectRowsOfOne(answer.values, tokenCount(config));
  }
  engine.release();
});

function expectRowsOfOne(weights: Float32Array, width: number): void {
  for (let row = 0; row < weights.length; row += width) {
    const sum = weights.subarray(row, row + width).reduce((total, weight) => total + weight, 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
  }
}

describe("rows whose mean is a thousand times their deviation", () => {
  const lift = (read: (name: string) => Float32Array) => (name: string) =>
    name.endsWith("position_embeddings") ? read(name).map((value) => value + 1000) : read(name);

  test("are normalised as in float64", async () => {
    const config = smallVit({ layers: 0, classToken: false, pooling: "mean", hiddenSize: 192, heads: 3 });
    const read = lift(drawParameters(config, 3));
    const images = drawImages(config, 1, 2);
    const engine = await createWebglEncoder(config, read, { gl });
    const encoded = (await engine.run(images, { stages: ["encoded"] })).get("encoded")!.values;
    expect(maxDifference(encoded, embedAndNorm(config, read, images.values))).toBeLessThan(1e-4);
    engine.release();
  });

  test("go through a block as they do composed", async () => {
    const config = smallVit({ hiddenSize: 192, heads: 3, layers: 1 });
    const read = lift(drawParameters(config, 3));
    const images = drawImages(config, 1, 2);
    const wanted = await compose(config, read, images);
    const engine = await createWebglEncoder(config, read, { gl });
    const answers = await engine.run(images, { stages: stagesOf(config) });
    for (const [stage, { values }] of wanted)
      expect(maxDifference(answers.get(stage)!.values, values), stage).toBeLessThan(1e-3);
    engine.release();
  });
});

/** Patches without prefix tokens → embedded, positions added, normalised, `[N, D]`; all in float64. */
function embedAndNorm(config: VitConfig, read: (name: string) => Float32Array, pixels: Float32Array): number[] {
  const { hiddenSize: D, patchSize, channels, imageSize, layerNormEpsilon } = config;
  const { width: columns, height: lines } = gridSize(config);
  const [weight, bias, positions] = ["patch_embeddings.projection.weight", "patch_embeddings.projection.bias", "position_embeddings"].map((name) => read(`embeddings.${name}`)) as [Float32Array, Float32Array, Float32Array]; // prettier-ignore
  const [scale, shift] = [read("layernorm.weight"), read("layernorm.bias")];
  const rows = Array.from({ length: columns * lines }, (_, cell) => {
    const row = Array.from({ length: D }, (_, d) => {
      let sum = bias[d]! + positions[cell * D + d]!;
      for (let channel = 0, at = d * channels * patchSize.height * patchSize.width; channel < channels; channel++)
        for (let y = 0; y < patchSize.height; y++)
          for (let x = 0; x < patchSize.width; x++, at++) {
            const line = Math.floor(cell / columns) * patchSize.height + y;
            const column = (cell % columns) * patchSize.width + x;
            sum += weight[at]! * pixels[(line * imageSize.width + column) * channels + channel]!;
          }
      return sum;
    });
    const mean = row.reduce((sum, value) => sum + value, 0) / D;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D;
    return row.map((value, d) => ((value - mean) / Math.sqrt(variance + layerNormEpsilon)) * scale[d]! + shift[d]!);
  });
  return rows.flat();
}

describe("a run", () => {
  test("gives the attention of some queries alone, as it gives them among all", async () => {
    const config = smallVit({ imageSize: square(20) });
    const engine = await createWebglEncoder(config, drawParameters(config, 1), { gl });
    const images = drawImages(config, 2, 1);
    const stages = ["blocks.0.attention", "blocks.1.attention"] as const;
    const all = await engine.run(images, { stages });
    const T = tokenCount(config);
    for (const [first, count] of [
      [0, 1],
      [7, 1],
      [3, 9],
    ] as const) {
      // prettier-ignore
      const some = await engine.run(images, { stages, queries: { first, count } });
      for (const stage of stages) {
        const { shape, values } = some.get(stage)!;
        expect(shape).toEqual([2, config.heads, count, T]);
        for (let plane = 0; plane < 2 * config.heads; plane++) {
          const wanted = all.get(stage)!.values.subarray((plane * T + first) * T, (plane * T + first + count) * T);
          expect(values.subarray(plane * count * T, (plane + 1) * count * T)).toEqual(wanted);
        }
      }
    }
    engine.release();
  });

  test("computes nothing behind the last stage asked for, draws seven times a block, and goes on after a stop", async () => {
    const config = smallVit({ layers: 3 });
    const engine = await createWebglEncoder(config, drawParameters(config, 1), { gl });
    const images = drawImages(config, 1, 1);
    const { draws } = countObjects(gl);
    const drawn: number[] = [];
    for (const stage of ["tokens", "blocks.0.output", "blocks.1.attention", "blocks.2.output"] as const) {
      const before = draws();
      let pauses = 0;
      await engine.run(images, { stages: [stage], pause: async () => void pauses++ });
      drawn.push(draws() - before);
      expect(pauses).toBe(drawn.length);
    }
    expect(drawn).toEqual([1, 8, 15, 22]);
    const before = await engine.run(images, { stages: ["logits"] });
    let pauses = 0;
    const pause = () => (++pauses === 2 ? Promise.reject(new Error("stop")) : Promise.resolve());
    await expect(engine.run(images, { stages: ["tokens", "logits"], pause })).rejects.toThrow("stop");
    expect(await engine.run(images, { stages: ["logits"] })).toEqual(before);
    engine.release();
  });

  test("of images of another shape is refused by name", async () => {
    const config = smallVit({});
    const engine = await createWebglEncoder(config, drawParameters(config, 1), { gl });
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
    const config = smallVit({ pooler: true });
    const { objects } = countObjects(gl);
    const tensors = memory().numTensors;
    const before = objects();
    const read = drawParameters(config, 1);
    const engine = await createWebglEncoder(config, read, { gl });
    const held: number[] = [];
    for (const batch of [1, 3, 2, 1]) {
      await engine.run(drawImages(config, batch, 1), { stages: stagesOf(config) });
      held.push(engine.bytes());
    }
    expect(held[1]).toBeGreaterThan(held[0]!);
    expect(new Set(held.slice(1)).size).toBe(1);
    const inUse = objects();
    await engine.run(drawImages(config, 3, 1), { stages: ["logits"] });
    expect(objects()).toEqual(inUse);
    engine.release();
    expect(engine.bytes()).toBe(0);
    await expect(engine.run(drawImages(config, 1, 1), { stages: ["logits"] })).rejects.toMatchObject({
      code: "disposed",
    });
    const pause = () => Promise.reject(new Error("stop"));
    await expect(createWebglEncoder(config, read, { gl, pause })).rejects.toThrow("stop");
    expect(objects()).toEqual(before);
    expect(memory().numTensors).toBe(tensors);
  });

  test("is gone with a lost context, which a run and a start tell by code", async () => {
    const lost = openGl();
    const config = smallVit({});
    const read = drawParameters(config, 1);
    const engine = await createWebglEncoder(config, read, { gl: lost });
    const running = engine.run(drawImages(config, 1, 1), {
      stages: ["logits"],
      pause: async () => lost.getExtension("WEBGL_lose_context")?.loseContext(),
    });
    await expect(running).rejects.toMatchObject({ code: "context-lost" });
    await expect(createWebglEncoder(config, read, { gl: lost })).rejects.toMatchObject({ code: "context-lost" });
    engine.release();
  });
});

test("what it cannot compute, it does not take", () => {
  const plan = smallVit({});
  expect(supportsWebglEncoder(plan, gl)).toBe(true);
  expect(supportsWebglEncoder({ ...plan, activation: "mish" }, gl)).toBe(false);
  expect(supportsWebglEncoder({ ...plan, intermediateSize: 1 << 20 }, gl)).toBe(false);
  expect(supportsWebglEncoder({ ...plan, finalNorm: "pooled", pooler: true }, gl)).toBe(false);
});
