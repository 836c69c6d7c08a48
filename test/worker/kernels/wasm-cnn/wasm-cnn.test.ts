import { setBackend } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { CnnEngineStage } from "../../../../worker/kernels/cnn-engine.ts";
import { createWasmCnn, supportsWasmCnn } from "../../../../worker/kernels/wasm-cnn/create-wasm-cnn.ts";
import type { AttentionCnnConfig } from "../../../../worker/models/attention-cnn/config.ts";
import { goldenTensors, maxDifference } from "../../../setup/golden.ts";
import { nhwc } from "../../../setup/nhwc.ts";
import { goldenConfig } from "../../models/attention-cnn/golden-suite.ts";
import { drawCnnImages, drawCnnParameters, smallCnn } from "../random-cnn.ts";
import { ONE_THREAD, THREADED } from "../wasm/builds.ts";
import { watched } from "../wasm/watched-threads.ts";
import { cnnStages, composeCnn, expectAnswers } from "../composed.ts";
import { engineSuite } from "../engine-suite.ts";

const square = (side: number) => ({ width: side, height: side });

/** Channels enough for Winograd's tiles (winograd.test.ts); a panel of them and one more, and shortcuts of either kind. */
const TILED: Partial<AttentionCnnConfig> = {
  imageSize: { width: 21, height: 13 },
  stem: { channels: 32, stride: 1 },
  stages: [
    { channels: 33, blocks: 2, stride: 1 },
    { channels: 40, blocks: 2, stride: 2 },
  ],
};

/** Plans at the edges of what an attention CNN can be, and how many images go in. */
const PLANS: readonly (readonly [string, Partial<AttentionCnnConfig>, number])[] = [
  ["whole panels of channels", { stem: { channels: 16, stride: 1 } }, 1],
  ["an oblong image of odd sides", { imageSize: { width: 21, height: 13 } }, 3],
  ["one pixel", { imageSize: square(1) }, 3],
  ["one column", { imageSize: { width: 1, height: 19 }, attention: null }, 2],
  ["one line, of one channel", { imageSize: { width: 19, height: 1 }, channels: 1 }, 2],
  ["maps wider than what goes through together", { imageSize: { width: 131, height: 5 }, channels: 4 }, 1],
  [
    "one channel and strides of 3, 1 and 6",
    {
      stem: { channels: 1, stride: 3 },
      stages: [
        { channels: 1, blocks: 3, stride: 1 },
        { channels: 5, blocks: 2, stride: 6 },
      ],
      attention: { afterStage: 1, innerChannels: 1, scaled: true },
    },
    2,
  ],
  [
    "shortcuts for another size alone, and for other channels alone",
    {
      stages: [
        { channels: 8, blocks: 1, stride: 2 },
        { channels: 19, blocks: 2, stride: 1 },
      ],
    },
    2,
  ],
  ["a map of fewer channels than the one before", { stages: [{ channels: 3, blocks: 2, stride: 1 }] }, 1],
  ["no attention", { attention: null }, 9],
  ["no head, attention last and not scaled", { attention: { afterStage: 1, innerChannels: 7, scaled: false }, classes: 0 }, 2], // prettier-ignore
  ["1024 positions", { imageSize: square(64) }, 1],
  ["tiles of maps of odd sides, and GELU", { ...TILED, activation: "gelu" }, 3],
  ["more tiles than go through together", { ...TILED, imageSize: { width: 131, height: 7 } }, 1],
  ["the fewest tiles, of even sides", { ...TILED, imageSize: square(4) }, 2],
  ["GELU", { activation: "gelu" }, 1],
  ["GELU by tanh", { activation: "gelu-tanh" }, 1],
  ["SiLU, many classes", { activation: "silu", classes: 101 }, 2],
];

/** The same for every build, and slow. */
const composed = new Map<string, ReturnType<typeof composeCnn>>();

beforeAll(async () => {
  await setBackend("cpu");
});

describe.each(ONE_THREAD)("on the build $name", (kernels) => {
  test.each(["scaled", "unscaled", "last", "plain", "gelu", "stride"] as const)(
    "%s: every stage is PyTorch's",
    async (variant) => {
      const weights = await goldenTensors("attention-cnn/weights.safetensors");
      const expected = await goldenTensors("attention-cnn/expected.safetensors");
      const wanted = new Map(
        [...expected]
          .filter(([name]) => name.startsWith(`${variant}/`))
          .map(([name, tensor]) => [name.slice(variant.length + 1) as CnnEngineStage, tensor]),
      );
      const config = await goldenConfig(variant);
      const engine = await createWasmCnn(config, (name) => weights.get(name)!.values, kernels);
      const answers = await engine.run(nhwc(expected.get("pixel_values")!), { stages: [...wanted.keys()] });
      expect(wanted.has("logits")).toBe(true);
      expectAnswers(answers, wanted, 1e-5);
    },
  );

  test.each(PLANS)("equals the composed path: %s", async (name, settings, batch) => {
    const config = smallCnn({ ...settings, ...withModule(settings) });
    const images = drawCnnImages(config, batch, 5);
    if (!composed.has(name)) composed.set(name, composeCnn(config, drawCnnParameters(config, 11), images));
    const engine = await createWasmCnn(config, drawCnnParameters(config, 11), kernels);
    expectAnswers(await engine.run(images, { stages: cnnStages(config) }), await composed.get(name)!, 1e-4);
  });

  test("the mean over positions of maps far from zero is the float64 mean", async () => {
    const config = smallCnn({ attention: null, imageSize: { width: 37, height: 45 } });
    const read = drawCnnParameters(config, 3);
    const lifted = (name: string) =>
      name === "stages.1.blocks.0.norm2.bias" ? read(name).map((value) => value + 1000) : read(name);
    const engine = await createWasmCnn(config, lifted, kernels);
    const answers = await engine.run(drawCnnImages(config, 2, 2), { stages: ["features", "pooled"] });
    const { shape, values } = answers.get("features")!;
    const [, height, width, channels] = shape as [number, number, number, number];
    const sums = new Float64Array(2 * channels);
    values.forEach((value, at) => {
      sums[Math.floor(at / (width * height * channels)) * channels + (at % channels)]! += value / (width * height);
    });
    expect(Math.min(...sums)).toBeGreaterThan(900);
    expect(maxDifference(answers.get("pooled")!.values, Float32Array.from(sums))).toBeLessThan(1e-4); // two roundings
  });

  test("computes nothing behind the last stage asked for, and gives the same alone", async () => {
    const config = smallCnn({});
    const engine = await createWasmCnn(config, drawCnnParameters(config, 1), kernels);
    const images = drawCnnImages(config, 2, 1);
    const all = await engine.run(images, { stages: cnnStages(config) });
    const counts: number[] = [];
    for (const stage of cnnStages(config)) {
      let pauses = 0;
      const alone = await engine.run(images, { stages: [stage], pause: async () => void pauses++ });
      expect([...alone.keys()]).toEqual([stage]);
      expect(maxDifference(alone.get(stage)!.values, all.get(stage)!.values), stage).toBe(0);
      counts.push(pauses);
    }
    // stem, two blocks, one more, twice the module between them, and three times what is read out
    expect(counts).toEqual([0, 2, 4, 3, 3, 4, 5, 5]);
  });

  test.each([
    ["taps", { imageSize: { width: 21, height: 13 } }],
    ["tiles", TILED],
  ])(
    "each image of a batch is answered as alone, by %s, and nothing is left of the one before",
    async (_, settings) => {
      const config = smallCnn(settings);
      const engine = await createWasmCnn(config, drawCnnParameters(config, 4), kernels);
      const { shape, values } = drawCnnImages(config, 3, 4);
      const together = (await engine.run({ shape, values }, { stages: ["logits"] })).get("logits")!.values;
      const size = values.length / 3;
      for (let image = 0; image < 3; image++) {
        const one = { shape: [1, ...shape.slice(1)], values: values.subarray(image * size, (image + 1) * size) };
        const stages = image === 1 ? (["attention.weights", "logits"] as const) : (["logits"] as const);
        const alone = (await engine.run(one, { stages })).get("logits")!.values;
        expect(maxDifference(alone, together.slice(image * 10, image * 10 + 10))).toBe(0);
      }
    },
  );

  const small = smallCnn({});
  engineSuite({
    create: (pause) => createWasmCnn(small, drawCnnParameters(small, 1), kernels, pause),
    draw: (batch) => drawCnnImages(small, batch, 1),
    stages: ["attention.weights"],
  });
});

describe.each(THREADED)("threads on the build $name", ({ name, module, threaded }) => {
  test.each([
    ["taps", { imageSize: { width: 50, height: 35 }, stem: { channels: 24, stride: 1 } }],
    ["tiles", { ...TILED, imageSize: { width: 50, height: 35 } }],
  ])("give the numbers of one thread, by %s, to the last bit, from before they are ready on", async (_, settings) => {
    const config = smallCnn(settings);
    const read = drawCnnParameters(config, 1);
    const images = drawCnnImages(config, 2, 1);
    const alone = ONE_THREAD.find((build) => `${build.name}-threads` === name)!;
    const wanted = await (await createWasmCnn(config, read, alone)).run(images, { stages: cnnStages(config) });
    const { start, ready } = watched(threaded!.start, threaded!.threads - 1);
    const engine = await createWasmCnn(config, read, { module, threaded: { ...threaded!, start } });
    for (let run = 0; run < 10; run++) {
      if (run === 1) await ready();
      const answers = await engine.run(images, { stages: cnnStages(config) });
      for (const [stage, { values }] of wanted) {
        expect(maxDifference(answers.get(stage)!.values, values), `${stage}, run ${run}`).toBe(0);
      }
    }
    engine.release();
  });

  test("end where the engine does not come about", async () => {
    const ended = vi.fn();
    const config = smallCnn({});
    const stop = () => Promise.reject(new Error("stop"));
    const counting = { module, threaded: { threads: 3, start: () => ({ end: ended }) } };
    await expect(createWasmCnn(config, drawCnnParameters(config, 1), counting, stop)).rejects.toThrow("stop");
    expect(ended).toHaveBeenCalledTimes(2);
  });
});

test("an activation that they do not know is not for these kernels", () => {
  expect(supportsWasmCnn(smallCnn({}))).toBe(true);
  expect(supportsWasmCnn({ ...smallCnn({}), activation: "mish" })).toBe(false);
});

/** A module behind a stage that is there. */
const withModule = ({ stages, attention }: Partial<AttentionCnnConfig>) =>
  stages && attention === undefined ? { attention: { afterStage: 0, innerChannels: 8, scaled: true } } : {};
