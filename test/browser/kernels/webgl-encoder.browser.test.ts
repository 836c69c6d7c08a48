import { setBackend } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { createWebglEncoder } from "../../../worker/kernels/webgl-encoder/create-webgl-encoder.ts";
import { supportsWebglEncoder } from "../../../worker/kernels/webgl-encoder/supports.ts";
import { gridSize, type VitConfig } from "../../../worker/models/vit/config.ts";
import { fitPositions } from "../../../worker/models/vit/fit-positions.ts";
import { maxDifference } from "../../setup/golden.ts";
import { openAs } from "../../worker/checkpoint/open-as.ts";
import { drawImages, drawParameters, smallVit } from "../../worker/kernels/random-vit.ts";
import { CASES_OF_THEIR_SIZE } from "../../worker/models/vit/golden-cases.ts";
import { stageOf } from "../../worker/models/vit/golden-suite.ts";
import { countObjects, openGl } from "./gl.ts";
import { nhwc } from "../../setup/nhwc.ts";
import { composeVit, expectAnswers, expectRowsOfOne, vitStages } from "../../worker/kernels/composed.ts";
import { encoderSuite } from "../../worker/kernels/encoder-suite.ts";
import { engineSuite } from "../../worker/kernels/engine-suite.ts";
import { webglSuite } from "./webgl-suite.ts";

let gl: WebGL2RenderingContext;
beforeAll(async () => {
  await setBackend("cpu"); // the composed path's numbers, without a shader to compile
  gl = openGl();
});

describe.each([
  [8, CASES_OF_THEIR_SIZE],
  [4, CASES_OF_THEIR_SIZE.filter(([name]) => /^(vit-hf|deit4|GELU)/.test(name))],
] as const)("against PyTorch, stage by stage, on %i render targets", (span, cases) => {
  test.each(cases)("%s", async (_, golden) => {
    const { folder, pixels, expected } = await golden();
    const opened = await openAs("vit", folder);
    const { config, read } = fitPositions(opened.config, opened.read);
    const engine = await createWebglEncoder(config, read, {
      gl,
      tile: { lanes: 4, span },
    });
    const answers = await engine.run(nhwc(pixels), { stages: [...expected.keys()].map(stageOf) });
    const wanted = new Map([...expected].map(([name, tensor]) => [stageOf(name), tensor] as const));
    expectAnswers(answers, wanted, 1e-4);
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
  ["registers, and a head that reads patches", { registers: 3, patchHead: true }, 3, 8],
  ["mean pooling and pooler, no head, no blocks", { pooling: "mean", pooler: true, classes: 0, layers: 0 }, 9, 4],
];

test.each(PLANS)("equals the composed path: %s", async (_, settings, batch, span) => {
  const config = smallVit(settings);
  const images = drawImages(config, batch, 5);
  const read = drawParameters(config, 11);
  const engine = await createWebglEncoder(config, read, { gl, tile: { lanes: 4, span } });
  const answers = await engine.run(images, { stages: vitStages(config) });
  expectAnswers(answers, await composeVit(config, read, images), 1e-4);
  expectRowsOfOne(answers, config);
  engine.release();
});

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
    const engine = await createWebglEncoder(config, read, { gl });
    const answers = await engine.run(images, { stages: vitStages(config) });
    expectAnswers(answers, await composeVit(config, read, images), 1e-3);
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
  encoderSuite((config, read) => createWebglEncoder(config, read, { gl }));

  test("draws seven times a block, and nothing behind the last stage asked for", async () => {
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
    engine.release();
  });
});

describe("on a context of its own", () => {
  const config = smallVit({ pooler: true });
  const subject = {
    create: (own: WebGL2RenderingContext, pause?: () => Promise<void>) =>
      createWebglEncoder(config, drawParameters(config, 1), { gl: own, there: pause }),
    draw: (batch: number) => drawImages(config, batch, 1),
    stages: vitStages(config),
  };
  engineSuite({ ...subject, create: (pause) => subject.create(openGl(), pause) });
  webglSuite(subject);

  test("an image of which nothing comes but NaN leaves the one before it, and the next run, as they are", async () => {
    const config = smallVit({}); // 17 tokens: keys are padded further than queries
    const engine = await createWebglEncoder(config, drawParameters(config, 1), { gl });
    const { shape, values } = drawImages(config, 2, 1);
    const alone = { shape: [1, ...shape.slice(1)], values: values.subarray(0, values.length / 2) };
    const wanted = (await engine.run(alone, { stages: ["logits"] })).get("logits")!.values;
    const beside = { shape, values: values.map((value, at) => (at < values.length / 2 ? value : NaN)) };
    const both = (await engine.run(beside, { stages: ["logits"] })).get("logits")!.values;
    expect(both.slice(0, config.classes)).toEqual(wanted);
    expect((await engine.run(alone, { stages: ["logits"] })).get("logits")!.values).toEqual(wanted);
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
