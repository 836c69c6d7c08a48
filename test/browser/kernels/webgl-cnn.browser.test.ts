import { setBackend } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import type { CnnEngineStage } from "../../../worker/kernels/cnn-engine.ts";
import { createWebglCnn } from "../../../worker/kernels/webgl-cnn/create-webgl-cnn.ts";
import { supportsWebglCnn } from "../../../worker/kernels/webgl-cnn/supports.ts";
import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import { goldenTensors } from "../../setup/golden.ts";
import { drawCnnImages, drawCnnParameters, smallCnn } from "../../worker/kernels/random-cnn.ts";
import { goldenConfig } from "../../worker/models/attention-cnn/golden-suite.ts";
import { countObjects, openGl } from "./gl.ts";
import { nhwc } from "../../setup/nhwc.ts";
import { cnnStages, composeCnn, expectAnswers } from "../../worker/kernels/composed.ts";
import { engineSuite } from "../../worker/kernels/engine-suite.ts";
import { webglSuite } from "./webgl-suite.ts";

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
    expect(wanted.has("logits")).toBe(true);
    expectAnswers(answers, wanted, 2e-5);
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

test.each(PLANS)("equals the composed path: %s", async (_, settings, batch, targets) => {
  const config = smallCnn(settings);
  const images = drawCnnImages(config, batch, 5);
  const read = drawCnnParameters(config, 11);
  const engine = await createWebglCnn(config, read, { gl, targets });
  const answers = await engine.run(images, { stages: cnnStages(config) });
  expectAnswers(answers, await composeCnn(config, read, images), 5e-5);
  engine.release();
});

describe("a run", () => {
  test("of fewer images behind one of more sees nothing of those before", async () => {
    const config = smallCnn({ imageSize: { width: 11, height: 9 } });
    const engine = await createWebglCnn(config, drawCnnParameters(config, 1), { gl });
    const [many, one] = [drawCnnImages(config, 4, 1), drawCnnImages(config, 1, 2)];
    const alone = await engine.run(one, { stages: cnnStages(config) });
    await engine.run(many, { stages: ["logits"] });
    expect(await engine.run(one, { stages: cnnStages(config) })).toEqual(alone);
    engine.release();
  });

  test("computes nothing behind the last stage asked for and draws twice a block", async () => {
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
    engine.release();
  });
});

describe("on a context of its own", () => {
  const config = smallCnn({});
  const subject = {
    create: (own: WebGL2RenderingContext, pause?: () => Promise<void>) =>
      createWebglCnn(config, drawCnnParameters(config, 1), { gl: own, there: pause }),
    draw: (batch: number) => drawCnnImages(config, batch, 1),
    stages: cnnStages(config),
  };
  engineSuite({ ...subject, create: (pause) => subject.create(openGl(), pause) });
  webglSuite(subject);
});

test("what it cannot compute, it does not take", () => {
  const plan = smallCnn({});
  expect(supportsWebglCnn(plan, gl)).toBe(true);
  expect(supportsWebglCnn({ ...plan, activation: "mish" }, gl)).toBe(false);
  expect(supportsWebglCnn({ ...plan, imageSize: { width: 1024, height: 1024 } }, gl)).toBe(false);
  expect(supportsWebglCnn({ ...plan, stem: { channels: 1 << 16, stride: 1 } }, gl)).toBe(false);
});
