import { beforeAll, describe, expect, test } from "vitest";
import type { Precision } from "../../../worker/contract/precision.ts";
import type { CnnEngineStage } from "../../../worker/kernels/cnn-engine.ts";
import { createWebglCnn } from "../../../worker/kernels/webgl-cnn/create-webgl-cnn.ts";
import { createWebglEncoder } from "../../../worker/kernels/webgl-encoder/create-webgl-encoder.ts";
import { goldenTensors, type GoldenTensor } from "../../setup/golden.ts";
import { openAs } from "../../worker/checkpoint/open-as.ts";
import { drawCnnImages, drawCnnParameters, smallCnn } from "../../worker/kernels/random-cnn.ts";
import { drawImages, drawParameters, smallVit } from "../../worker/kernels/random-vit.ts";
import { goldenConfig } from "../../worker/models/attention-cnn/golden-suite.ts";
import { GOLDEN_CASES } from "../../worker/models/vit/golden-cases.ts";
import { stageOf } from "../../worker/models/vit/golden-suite.ts";
import { openGl } from "./gl.ts";
import { nhwc } from "../../setup/nhwc.ts";

/** Largest difference from PyTorch's float32, of a stage's largest number. A float16 is rounded by up to 5e-4. */
const boundOf = (stage: string): number => (/attention(s\.|\.weights)/.test(stage) ? 1e-2 : 4e-3); // 2^score, a larger one

let gl: WebGL2RenderingContext;
beforeAll(() => {
  gl = openGl();
});

function expectNear(got: Float32Array, { values }: GoldenTensor, stage: string): void {
  expect(got.length, stage).toBe(values.length);
  let [largest, apart] = [0, 0];
  values.forEach((value, at) => {
    largest = Math.max(largest, Math.abs(value));
    apart = Math.max(apart, Math.abs(value - got[at]!));
  });
  expect(apart / largest, stage).toBeLessThan(boundOf(stage));
}

describe("near PyTorch, stage by stage", () => {
  const cases = GOLDEN_CASES.filter(([name]) => /^(vit-hf|deit4|dino|timm-mean-norm|GELU by tanh)$/.test(name));
  test.each(cases)("a Vision Transformer: %s", async (_, golden) => {
    const { folder, pixels, expected } = await golden();
    const { config, read } = await openAs("vit", folder);
    const engine = await createWebglEncoder(config, read, { gl, precision: "float16" });
    const answers = await engine.run(nhwc(pixels), { stages: [...expected.keys()].map(stageOf) });
    for (const [name, wanted] of expected) expectNear(answers.get(stageOf(name))!.values, wanted, name);
    engine.release();
  });

  test.each(["unscaled", "gelu", "stride"] as const)("a CNN: %s", async (variant) => {
    const weights = await goldenTensors("attention-cnn/weights.safetensors");
    const expected = await goldenTensors("attention-cnn/expected.safetensors");
    const read = (name: string): Float32Array => weights.get(name)!.values;
    const engine = await createWebglCnn(await goldenConfig(variant), read, { gl, precision: "float16" });
    const wanted = [...expected].filter(([name]) => name.startsWith(`${variant}/`));
    const stage = (name: string) => name.slice(variant.length + 1) as CnnEngineStage;
    const answers = await engine.run(nhwc(expected.get("pixel_values")!), {
      stages: wanted.map(([name]) => stage(name)),
    });
    expect(wanted.length).toBeGreaterThan(0);
    for (const [name, tensor] of wanted) expectNear(answers.get(stage(name))!.values, tensor, name);
    engine.release();
  });
});

/** Bytes of the textures that are made while `work` runs, by their format. */
async function texturesOf(work: () => Promise<void>): Promise<{ readonly half: number; readonly whole: number }> {
  const bytes = { half: 0, whole: 0 };
  const [flat, layered] = [gl.texStorage2D.bind(gl), gl.texStorage3D.bind(gl)];
  const count = (format: GLenum, texels: number): void => {
    if (format === gl.RGBA16F) bytes.half += 8 * texels;
    else if (format === gl.RGBA32F) bytes.whole += 16 * texels;
  };
  gl.texStorage2D = (target, levels, format, width, height) => {
    count(format, width * height);
    flat(target, levels, format, width, height);
  };
  gl.texStorage3D = (target, levels, format, width, height, depth) => {
    count(format, width * height * depth);
    layered(target, levels, format, width, height, depth);
  };
  try {
    await work();
  } finally {
    gl.texStorage2D = flat;
    gl.texStorage3D = layered;
  }
  return bytes;
}

const vit = smallVit({ hiddenSize: 96, heads: 3, intermediateSize: 384, imageSize: { width: 32, height: 32 } });
const cnn = smallCnn({ imageSize: { width: 32, height: 32 } });

const STARTS = {
  "a Vision Transformer": async (precision?: Precision) => {
    const engine = await createWebglEncoder(vit, drawParameters(vit, 1), {
      gl,
      precision,
      tile: { lanes: 4, span: 8 },
    });
    await engine.run(drawImages(vit, 2, 1), { stages: ["logits"] });
    return engine;
  },
  "a CNN": async (precision?: Precision) => {
    const engine = await createWebglCnn(cnn, drawCnnParameters(cnn, 1), { gl, precision, targets: 8 });
    await engine.run(drawCnnImages(cnn, 2, 1), { stages: ["logits"] });
    return engine;
  },
};

describe.each(Object.entries(STARTS))("what %s holds on the GPU", (_, start) => {
  test("is about half, and as much as it tells", async () => {
    const told: number[] = [];
    const work = (precision?: Precision) => async (): Promise<void> => {
      const engine = await start(precision);
      told.push(engine.bytes());
      engine.release();
    };
    const byDefault = await texturesOf(work());
    expect(byDefault.half).toBe(0);
    const { half, whole } = await texturesOf(work("float16"));
    expect(told).toEqual([byDefault.whole, half + whole]);
    expect((half + whole) / byDefault.whole).toBeLessThan(0.6);
  });
});

test("numbers beyond the largest float16 stay numbers", async () => {
  const config = smallVit({ activation: "relu" });
  const drawn = drawParameters(config, 3);
  const large = (name: string): Float32Array =>
    /intermediate\.dense\.weight$/.test(name) ? drawn(name).map((value) => value * 1e5) : drawn(name);
  const images = drawImages(config, 1, 2);
  const engine = await createWebglEncoder(config, large, { gl, precision: "float16" });
  const { values } = (await engine.run(images, { stages: ["logits"] })).get("logits")!;
  expect(values.every(Number.isFinite)).toBe(true);
  engine.release();
});
