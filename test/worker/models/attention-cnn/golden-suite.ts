import { memory, tensor4d, tidy, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { readAttentionCnnConfig } from "../../../../worker/checkpoint/config/attention-cnn-config.ts";
import { releaseAttentionCnn } from "../../../../worker/models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../../../worker/models/attention-cnn/build-attention-cnn.ts";
import { mapSize, type AttentionCnnConfig } from "../../../../worker/models/attention-cnn/config.ts";
import { runAttentionCnn } from "../../../../worker/models/attention-cnn/run-attention-cnn.ts";
import type { AttentionCnnStage } from "../../../../worker/models/attention-cnn/stages.ts";
import { goldenFile, goldenTensors, maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";

const VARIANTS = ["scaled", "unscaled", "last", "plain", "gelu", "stride"] as const;
type Variant = (typeof VARIANTS)[number];

/** The config of one reference model, as its config.json gives it. */
export async function goldenConfig(variant: Variant): Promise<AttentionCnnConfig> {
  const bytes = await goldenFile("attention-cnn/variants.json");
  const variants = JSON.parse(new TextDecoder().decode(bytes!)) as Record<Variant, unknown>;
  return readAttentionCnnConfig(variants[variant]).config;
}

/** Every stage of the reference models, on whatever backend is in use. */
export function describeAttentionCnnGoldens(tolerance: number): void {
  let weights = new Map<string, GoldenTensor>();
  let expected = new Map<string, GoldenTensor>();
  beforeAll(async () => {
    weights = await goldenTensors("attention-cnn/weights.safetensors");
    expected = await goldenTensors("attention-cnn/expected.safetensors");
  });

  const read = (name: string): Float32Array => weights.get(name)!.values;
  const withoutGate = (name: string): Float32Array => (name === "attention.gamma" ? Float32Array.of(0) : read(name));

  const pixels = (): Tensor4D =>
    tidy(() => {
      const { values, shape } = expected.get("pixel_values")!;
      return transpose<Tensor4D>(tensor4d(values, shape as Tensor4D["shape"]), [0, 2, 3, 1]);
    });

  /** What PyTorch answers for one variant, by stage. */
  const stagesOf = (variant: Variant): [AttentionCnnStage, GoldenTensor][] =>
    [...expected]
      .filter(([name]) => name.startsWith(`${variant}/`))
      .map(([name, tensor]) => [name.slice(variant.length + 1) as AttentionCnnStage, tensor]);

  test.each(VARIANTS)("%s: every stage is PyTorch's", async (variant) => {
    const cnn = await buildAttentionCnn(await goldenConfig(variant), read);
    const wanted = stagesOf(variant);
    expect(wanted.map(([stage]) => stage)).toContain("logits");
    const answers = await runAttentionCnn(cnn, pixels(), { stages: wanted.map(([stage]) => stage) });
    expect(answers.size).toBe(wanted.length);
    for (const [stage, { shape, values }] of wanted) {
      const answer = answers.get(stage)!;
      expect(answer.shape, stage).toEqual(shape);
      expect(maxDifference(await answer.data(), values), stage).toBeLessThanOrEqual(tolerance);
    }
    for (const tensor of answers.values()) tensor.dispose();
    releaseAttentionCnn(cnn);
  });

  test("with γ = 0 it is the plain CNN, to the last bit", async () => {
    const logits = async (variant: Variant, reader: typeof read) => {
      const cnn = await buildAttentionCnn(await goldenConfig(variant), reader);
      const answers = await runAttentionCnn(cnn, pixels(), { stages: ["logits"] });
      return answers.get("logits")!.data();
    };
    const plain = await logits("plain", read);
    expect(await logits("scaled", withoutGate)).toEqual(plain);
    expect(maxDifference(await logits("scaled", read), plain)).toBeGreaterThan(0.1);
  });

  test("the size of every stage's map is known beforehand, for oblong and odd images too", async () => {
    const config = { ...(await goldenConfig("scaled")), imageSize: { width: 17, height: 22 } };
    const cnn = await buildAttentionCnn(config, read);
    const image = tensor4d(new Float32Array(22 * 17 * 3), [1, 22, 17, 3]);
    for (const stage of config.stages.keys()) {
      const answers = await runAttentionCnn(cnn, image, { stages: [`stages.${stage}`] });
      const { width, height } = mapSize(config, stage);
      expect(answers.get(`stages.${stage}`)!.shape).toEqual([1, height, width, config.stages[stage]!.channels]);
    }
  });

  describe("computes nothing behind the last stage asked for", () => {
    test.each([
      ["stem", 0],
      ["stages.0", 1], // one block
      ["stages.1", 3], // two more
      ["attention.weights", 4],
      ["stages.2", 5],
      ["logits", 6],
    ] as const)("%s takes %i pauses", async (stage, wanted) => {
      const cnn = await buildAttentionCnn(await goldenConfig("scaled"), read);
      let pauses = 0;
      const pause = () => Promise.resolve(void pauses++);
      const answers = await runAttentionCnn(cnn, pixels(), { stages: [stage], pause });
      expect([[...answers.keys()], pauses]).toEqual([[stage], wanted]);
    });
  });

  test("leaves no tensor behind, whether it answers, stops half-way, or refuses", async () => {
    const config = await goldenConfig("scaled");
    const before = memory().numTensors;
    const cnn = await buildAttentionCnn(config, read);
    const [image, wrong] = [pixels(), tensor4d(new Float32Array(6 * 16 * 64), [2, 16, 64, 3])];
    const loaded = memory().numTensors;
    const answers = await runAttentionCnn(cnn, image, { stages: ["stem", "attention.weights", "features", "logits"] });
    expect(memory().numTensors - loaded).toBe(4);
    for (const tensor of answers.values()) tensor.dispose();
    for (let last = 1; last <= 6; last++) {
      let pauses = 0;
      const pause = () => (++pauses === last ? Promise.reject(new Error("stop")) : Promise.resolve());
      const run = runAttentionCnn(cnn, image, { stages: ["stem", "attention.weights", "logits"], pause });
      await expect(run).rejects.toThrow("stop");
    }
    await expectRefusal(
      () => runAttentionCnn(cnn, wrong, { stages: ["logits"] }),
      "input-shape",
      "image: expected [*, 32, 32, 3], got [2, 16, 64, 3]",
    );
    const noStage = () => runAttentionCnn(cnn, image, { stages: ["stages.3"] });
    await expectRefusal(noStage, "invalid-argument", "stages.3", "stages.2, features");
    await expect(buildAttentionCnn(config, read, () => Promise.reject(new Error("stop")))).rejects.toThrow("stop");
    const unreadable = (name: string): Float32Array => {
      if (name === "head.bias") throw new Error("cut short");
      return read(name);
    };
    await expect(buildAttentionCnn(config, unreadable)).rejects.toThrow("cut short");
    expect(memory().numTensors).toBe(loaded);
    image.dispose();
    wrong.dispose();
    releaseAttentionCnn(cnn);
    expect(memory().numTensors).toBe(before);
  });

  test("a model without the module, or without a head, says so", async () => {
    const plain = await buildAttentionCnn({ ...(await goldenConfig("plain")), classes: 0 }, read);
    const ask = (stage: AttentionCnnStage) => () => runAttentionCnn(plain, pixels(), { stages: [stage] });
    await expectRefusal(ask("attention.weights"), "invalid-argument", "attention.weights", "stem, stages.0");
    await expectRefusal(ask("logits"), "model-has-no-head");
    expect((await ask("pooled")()).get("pooled")!.shape).toEqual([2, 8]);
  });
}
