import { setBackend } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { createWasmEncoder, supportsWasmEncoder } from "../../../../worker/kernels/wasm-encoder/create-wasm-encoder.ts";
import type { VitConfig } from "../../../../worker/models/vit/config.ts";
import { fitPositions } from "../../../../worker/models/vit/fit-positions.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { openAs } from "../../checkpoint/open-as.ts";
import { CASES_OF_THEIR_SIZE } from "../../models/vit/golden-cases.ts";
import { stageOf } from "../../models/vit/golden-suite.ts";
import { ONE_THREAD } from "../wasm/builds.ts";
import { drawImages, drawParameters, smallVit } from "../random-vit.ts";
import { nhwc } from "../../../setup/nhwc.ts";
import { composeVit, expectAnswers, expectRowsOfOne, vitStages } from "../composed.ts";
import { encoderSuite } from "../encoder-suite.ts";
import { engineSuite } from "../engine-suite.ts";

const square = (side: number) => ({ width: side, height: side });

/** Plans at the edges of what a ViT can be, and how many images go in. */
const PLANS: readonly (readonly [string, Partial<VitConfig>, number])[] = [
  ["two tokens", { imageSize: square(4) }, 1],
  ["one token", { imageSize: square(4), classToken: false, pooling: "mean" }, 2],
  ["1025 tokens", { imageSize: square(128), layers: 1 }, 1],
  ["width 1024", { imageSize: square(8), hiddenSize: 1024, heads: 16, intermediateSize: 200, layers: 1 }, 2],
  ["width 192 as ViT-Ti", { hiddenSize: 192, heads: 3, intermediateSize: 768, imageSize: square(28) }, 1],
  ["an even number of tokens", { imageSize: square(32), classToken: false, pooling: "mean" }, 2],
  ["half a pair of panels, and half a panel", { imageSize: square(32), hiddenSize: 40, intermediateSize: 52 }, 3],
  ["quarters that are no whole vectors", { imageSize: square(32), hiddenSize: 36, intermediateSize: 52 }, 1],
  ["heads of 5", { hiddenSize: 20, heads: 4 }, 3],
  ["heads of 12", { hiddenSize: 36, heads: 3, intermediateSize: 50 }, 2],
  ["heads of 1", { hiddenSize: 4, heads: 4, intermediateSize: 3 }, 2],
  ["one head", { hiddenSize: 44, heads: 1 }, 1],
  [
    "patches that are not square and leave a rim",
    {
      imageSize: { width: 33, height: 22 },
      patchSize: { width: 5, height: 3 },
      channels: 1,
    },
    2,
  ],
  ["no bias on queries, keys and values", { queryKeyValueBias: false }, 1],
  ["mean pooling behind the norm", { pooling: "mean" }, 3],
  ["mean pooling before the norm", { pooling: "mean", finalNorm: "pooled" }, 2],
  ["class pooling before the norm", { finalNorm: "pooled" }, 2],
  ["a pooler, and no head", { pooler: true, classes: 0 }, 3],
  ["distillation", { distillationToken: true, distillationHead: true, pooler: true }, 3],
  ["distillation, norm after pooling", { distillationToken: true, distillationHead: true, finalNorm: "pooled" }, 2],
  ["registers, and a head that reads patches", { registers: 3, patchHead: true }, 3],
  ["registers alone", { classToken: false, registers: 4, pooling: "mean", finalNorm: "pooled" }, 2],
  ["no blocks", { layers: 0 }, 2],
  ["GELU by tanh", { activation: "gelu-tanh" }, 1],
  ["ReLU", { activation: "relu" }, 1],
  ["SiLU", { activation: "silu" }, 1],
];

/** The same for every build, and slow. */
const composed = new Map<string, ReturnType<typeof composeVit>>();

beforeAll(async () => {
  await setBackend("cpu");
});

describe.each(ONE_THREAD)("on the build $name", (kernels) => {
  test.each(CASES_OF_THEIR_SIZE)("%s", async (_, golden) => {
    const { folder, pixels, expected } = await golden();
    const opened = await openAs("vit", folder);
    const { config, read } = fitPositions(opened.config, opened.read);
    const engine = await createWasmEncoder(config, read, kernels);
    const answers = await engine.run(nhwc(pixels), { stages: [...expected.keys()].map(stageOf) });
    const wanted = new Map([...expected].map(([name, tensor]) => [stageOf(name), tensor] as const));
    expectAnswers(answers, wanted, 1e-5);
  });

  test.each(PLANS)("equals the composed path: %s", async (name, settings, batch) => {
    const config = smallVit(settings);
    const images = drawImages(config, batch, 5);
    const read = drawParameters(config, 11);
    if (!composed.has(name)) composed.set(name, composeVit(config, read, images));
    const engine = await createWasmEncoder(config, read, kernels);
    const answers = await engine.run(images, { stages: vitStages(config) });
    expectAnswers(answers, await composed.get(name)!, 1e-4);
    expectRowsOfOne(answers, config);
    engine.release();
  });

  test("rows whose mean is a thousand times their deviation", async () => {
    const config = smallVit({ hiddenSize: 192, heads: 3, imageSize: square(32) });
    const read = drawParameters(config, 3);
    const shifted = (name: string) => {
      const values = read(name);
      return name.endsWith("position_embeddings") ? values.map((value) => value + 1000) : values;
    };
    const engine = await createWasmEncoder(config, shifted, kernels);
    const answers = await engine.run(drawImages(config, 1, 2), { stages: ["tokens", "encoded"] });
    const lifted = answers.get("tokens")!.values;
    expect(lifted.reduce((sum, value) => sum + value, 0) / lifted.length).toBeGreaterThan(990);
    const wanted = (await composeVit(config, shifted, drawImages(config, 1, 2))).get("encoded")!;
    expect(maxDifference(answers.get("encoded")!.values, wanted.values)).toBeLessThan(1e-3);
  });

  encoderSuite((config, read) => createWasmEncoder(config, read, kernels));

  test.each([
    ["all of them together", 64],
    ["one after the other", 4096], // 290 tokens of so many hidden units take more than goes through a block at once
  ])("each image of a batch is answered as alone, %s", async (_, intermediateSize) => {
    const config = smallVit({ imageSize: square(68), intermediateSize });
    const engine = await createWasmEncoder(config, drawParameters(config, 4), kernels);
    const stages = ["tokens", "blocks.0.attention", "blocks.1.attention", "logits"] as const;
    const { shape, values } = drawImages(config, 3, 4);
    const together = await engine.run({ shape, values }, { stages });
    const size = values.length / 3;
    for (let image = 0; image < 3; image++) {
      const one = { shape: [1, ...shape.slice(1)], values: values.subarray(image * size, (image + 1) * size) };
      for (const [stage, { values: alone }] of await engine.run(one, { stages })) {
        const first = image * alone.length;
        const among = together.get(stage)!.values.slice(first, first + alone.length);
        expect(maxDifference(alone, among), `${stage}, image ${image}`).toBe(0);
      }
    }
  });

  const small = smallVit({});
  engineSuite({
    create: (pause) => createWasmEncoder(small, drawParameters(small, 1), kernels, pause),
    draw: (batch) => drawImages(small, batch, 1),
    stages: ["blocks.0.attention"],
  });
});

test("a width that is no whole number of vectors is not for these kernels", () => {
  expect(supportsWasmEncoder(smallVit({}))).toBe(true);
  expect(supportsWasmEncoder(smallVit({ hiddenSize: 30 }))).toBe(false);
  expect(supportsWasmEncoder({ ...smallVit({}), activation: "mish" })).toBe(false);
});
