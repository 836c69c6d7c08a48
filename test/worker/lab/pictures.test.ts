import { memory, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import type { TokenStepName, TokenSteps } from "../../../worker/contract/lab.ts";
import { followToken } from "../../../worker/lab/follow-token.ts";
import { showHeads } from "../../../worker/lab/show-heads.ts";
import { showMapAttention } from "../../../worker/lab/show-map-attention.ts";
import { releaseAttentionCnn, type AttentionCnn } from "../../../worker/models/attention-cnn/attention-cnn.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import type { VitConfig } from "../../../worker/models/vit/config.ts";
import { releaseVit } from "../../../worker/models/vit/vit.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { loadCnn, loadVit, pictureOf } from "../explain/explained-models.ts";
import { goldenConfig } from "../models/attention-cnn/golden-suite.ts";

const pause = (): Promise<void> => Promise.resolve();

const TOLERANCE = 1e-5;

beforeAll(async () => {
  await nodeBackends[0]!.start(() => undefined);
});

/** Asks about the first golden picture; whatever comes of it, nothing stays on the device. */
async function ask<Model, Answer>(
  model: Model,
  release: (model: Model) => void,
  pixels: GoldenTensor,
  work: (model: Model, image: Tensor4D) => Promise<Answer>,
): Promise<Answer> {
  const image = pictureOf(pixels);
  const before = memory().numTensors;
  try {
    return await work(model, image);
  } finally {
    expect(memory().numTensors).toBe(before);
    image.dispose();
    release(model);
  }
}

/** Row `index` of the last axis but one, of the first picture. */
const rowOf = ({ shape, values }: GoldenTensor, index: number): Float32Array => {
  const width = shape.at(-1)!;
  return values.slice(index * width, (index + 1) * width);
};

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe("one token through a block of the ViT", () => {
  let torch = new Map<string, GoldenTensor>();
  beforeAll(async () => {
    torch = await goldenTensors("vit-hf/expected.safetensors");
  });

  const follow = async (layer: number, token: number): Promise<TokenSteps> => {
    const found = await ask(await loadVit("vit-hf"), releaseVit, torch.get("pixel_values")!, (vit, image) =>
      followToken(vit, image, layer, token, pause),
    );
    return found as TokenSteps;
  };
  const stepOf = (found: TokenSteps, name: TokenStepName) => found.steps.find((step) => step.name === name)!;

  test.each([
    [0, 0],
    [0, 7],
    [1, 16],
    [2, 0],
    [2, 3],
  ])("block %i, token %i: it enters, looks and leaves as PyTorch's does", async (layer, token) => {
    const found = await follow(layer, token);
    const entered = rowOf(torch.get(`hidden_states.${layer}`)!, token);
    const left = rowOf(torch.get(`hidden_states.${layer + 1}`)!, token);
    expect(maxDifference(stepOf(found, "input").values, entered)).toBeLessThanOrEqual(TOLERANCE);
    expect(maxDifference(stepOf(found, "result").values, left)).toBeLessThanOrEqual(TOLERANCE);
    expect(found.looked).toHaveLength(4);
    found.looked.forEach((looked, head) => {
      const wanted = rowOf(torch.get(`attentions.${layer}`)!, head * 17 + token);
      expect(maxDifference(looked, wanted)).toBeLessThanOrEqual(TOLERANCE);
    });
  });

  test("each step says its shape and the norm of its row", async () => {
    const found = await follow(0, 7);
    const told = found.steps.map(({ name, shape }) => [name, ...shape]);
    const narrow = ["input", "normBefore", "query", "key", "value", "heads", "output", "attended", "normAfter"];
    expect(told).toEqual([
      ["pixels", 16, 192],
      ["embedded", 17, 48],
      ["position", 17, 48],
      ...narrow.map((name) => [name, 17, 48]),
      ["expanded", 17, 96],
      ["activated", 17, 96],
      ["contracted", 17, 48],
      ["result", 17, 48],
    ]);
    for (const { values, norm, shape } of found.steps) {
      expect(values).toHaveLength(shape[1]!);
      expect(norm).toBeCloseTo(Math.sqrt(sum(values.map((value) => value ** 2))), 3);
    }
  });

  test("residuals add up: embedding and position, what attention adds, what the MLP adds", async () => {
    for (const token of [0, 5]) {
      const found = await follow(0, token);
      for (const [whole, one, other] of [
        ["input", "embedded", "position"],
        ["attended", "input", "output"],
        ["result", "attended", "contracted"],
      ] as const) {
        const added = stepOf(found, one).values.map((value, at) => value + stepOf(found, other).values[at]!);
        expect(maxDifference(stepOf(found, whole).values, added)).toBeLessThanOrEqual(TOLERANCE);
      }
    }
  });

  test("a patch's pixels are those of its place in the picture; the class token has none", async () => {
    const { shape, values } = torch.get("pixel_values")!; // [B, 3, 32, 32]; 4 patches a row, 8 pixels each
    const side = shape[3]!;
    const wanted = Array.from({ length: 192 }, (_, at) => {
      const [channel, x, y] = [at % 3, Math.floor(at / 3) % 8, Math.floor(at / 24)];
      return values[channel * side * side + (8 + y) * side + 16 + x]!; // row 1, column 2
    });
    expect(maxDifference(stepOf(await follow(0, 1 + 6), "pixels").values, wanted)).toBe(0);
    expect((await follow(0, 0)).steps.map(({ name }) => name)).not.toContain("pixels");
  });

  test.each([
    [3, 0, "layer: this model has 0 to 2, got 3"],
    [-1, 0, "layer: this model has 0 to 2, got -1"],
    [0, 17, "token: wanted one from 0 to 16, got 17"],
    [0, 0.5, "token: wanted one from 0 to 16, got 0.5"],
  ])("block %d, token %d are refused", async (layer, token, message) => {
    await expect(follow(layer, token)).rejects.toMatchObject({ code: "invalid-argument", message });
  });
});

describe("the heads of a layer", () => {
  let torch = new Map<string, GoldenTensor>();
  beforeAll(async () => {
    torch = await goldenTensors("vit-hf/expected.safetensors");
  });

  const show = async (layer: number, change?: Parameters<typeof loadVit>[1]) =>
    ask(await loadVit("vit-hf", change), releaseVit, torch.get("pixel_values")!, (vit, image) =>
      showHeads(vit, image, layer, pause),
    );

  test.each([0, 2])("layer %i: maps, their mean and the answer are PyTorch's", async (layer) => {
    const { heads, mean, logits } = await show(layer);
    const wanted = heads.map((_, head) =>
      torch.get(`attentions.${layer}`)!.values.slice(head * 17 * 17, (head + 1) * 17 * 17),
    );
    expect(heads).toHaveLength(4);
    heads.forEach(({ weights }, head) => expect(maxDifference(weights, wanted[head]!)).toBeLessThanOrEqual(TOLERANCE));
    const average = wanted[0]!.map((_, at) => sum(wanted.map((weights) => weights[at]!)) / 4);
    expect(maxDifference(mean.weights, average)).toBeLessThanOrEqual(TOLERANCE);
    expect(maxDifference(logits.trained, rowOf(torch.get("logits")!, 0))).toBeLessThanOrEqual(TOLERANCE);
  });

  test("breadth is the number of tokens that an even share would be spread over", async () => {
    const { heads, mean } = await show(1);
    for (const { weights, breadth } of [...heads, mean]) {
      breadth.forEach((got, row) => {
        const entropy = -sum(rowOf({ shape: [17, 17], values: weights }, row).map((w) => w * Math.log(w)));
        expect(got).toBeCloseTo(Math.exp(entropy), 3);
        expect(got).toBeGreaterThanOrEqual(1);
        expect(got).toBeLessThanOrEqual(17.001);
      });
    }
  });

  test("how far one map's answer lies apart is the formula's, in float64", async () => {
    const layer = 1;
    const { heads, mean, apart } = await show(layer);
    const values: Float32Array[] = [];
    for (let token = 0; token < 17; token++) {
      values.push(
        await ask(await loadVit("vit-hf"), releaseVit, torch.get("pixel_values")!, async (vit, image) => {
          const { steps } = await followToken(vit, image, layer, token, pause);
          return steps.find(({ name }) => name === "value")!.values;
        }),
      );
    }
    const vit = await loadVit("vit-hf");
    const kernel = await vit.blocks[layer]!.attention.output.kernel.data(); // [48, 48], rows are inputs
    const bias = await vit.blocks[layer]!.attention.output.bias!.data();
    releaseVit(vit);
    const output = (token: number, mapOf: (head: number) => Float32Array): number[] => {
      const mixed = Array.from({ length: 48 }, (_, at) =>
        sum(values.map((value, key) => mapOf(Math.floor(at / 12))[token * 17 + key]! * value[at]!)),
      );
      return Array.from({ length: 48 }, (_, out) => bias[out]! + sum(mixed.map((m, at) => m * kernel[at * 48 + out]!)));
    };
    for (const token of [0, 9]) {
      const own = output(token, (head) => heads[head]!.weights);
      const alike = output(token, () => mean.weights);
      const wanted = Math.hypot(...own.map((value, at) => value - alike[at]!)) / Math.hypot(...own);
      expect(wanted).toBeGreaterThan(0.01);
      expect(apart[token]).toBeCloseTo(wanted, 4);
    }
  });

  /** Every head asks and answers with the first head's queries and keys. */
  const alike = (config: VitConfig, read: ParameterReader): [VitConfig, ParameterReader] => [
    config,
    (name) => {
      const values = read(name);
      if (!/attention\.attention\.(query|key)/.test(name)) return values;
      return values.map((_, at) => values[at % (values.length / config.heads)]!);
    },
  ];

  test("heads that look alike lose nothing, others do", async () => {
    const same = await show(1, alike);
    expect(Math.max(...same.apart)).toBeLessThanOrEqual(TOLERANCE);
    expect(maxDifference(same.logits.oneMapHere, same.logits.trained)).toBeLessThanOrEqual(TOLERANCE);
    expect(maxDifference(same.logits.oneMapEverywhere, same.logits.trained)).toBeLessThanOrEqual(TOLERANCE);
    const { logits } = await show(1);
    expect(maxDifference(logits.oneMapHere, logits.trained)).toBeGreaterThan(1e-4);
    expect(maxDifference(logits.oneMapEverywhere, logits.oneMapHere)).toBeGreaterThan(1e-4);
  });
});

describe("self-attention over a CNN's map", () => {
  let torch = new Map<string, GoldenTensor>();
  beforeAll(async () => {
    torch = await goldenTensors("attention-cnn/expected.safetensors");
  });
  const first = (name: string, length: number): Float32Array => torch.get(name)!.values.slice(0, length);

  const show = async (gate: number, change: (cnn: AttentionCnn) => AttentionCnn = (cnn) => cnn) => {
    const cnn = change(await loadCnn(await goldenConfig("scaled")));
    return ask(cnn, releaseAttentionCnn, torch.get("pixel_values")!, (given, image) =>
      showMapAttention(given, image, gate, pause),
    );
  };

  test("as trained, map, answer and what is added are PyTorch's", async () => {
    const { grid, weights, added, logits, gamma } = await show(1);
    expect(grid).toEqual({ width: 8, height: 8 });
    expect(maxDifference(weights, first("scaled/attention.weights", 64 * 64))).toBeLessThanOrEqual(TOLERANCE);
    expect(maxDifference(logits.gated, first("scaled/logits", 5))).toBeLessThanOrEqual(TOLERANCE);
    expect(logits.trained).toEqual(logits.gated);
    expect(gamma).not.toBe(0);
    const [before, output] = [first("scaled/stages.1", 512), first("scaled/attention.output", 512)];
    const wanted = Array.from({ length: 64 }, (_, cell) => {
      const there = before.slice(cell * 8, (cell + 1) * 8);
      const change = there.map((value, channel) => output[cell * 8 + channel]! - value);
      return Math.hypot(...there) === 0 ? 0 : Math.hypot(...change) / Math.hypot(...there);
    });
    expect(maxDifference(added, wanted)).toBeLessThanOrEqual(1e-4);
  });

  test("γ lets through as much as it says, and nothing at 0", async () => {
    const [none, whole, twice] = [await show(0), await show(1), await show(2)];
    expect(Math.max(...none.added)).toBe(0);
    expect(none.gamma).toBe(0);
    expect(twice.gamma).toBeCloseTo(2 * whole.gamma, 6);
    const doubled = whole.added.map((share) => 2 * share);
    expect(maxDifference(twice.added, doubled)).toBeLessThanOrEqual(1e-4);
    expect(none.weights).toEqual(whole.weights);
    expect(none.logits.trained).toEqual(whole.logits.trained);
    expect(maxDifference(none.logits.gated, whole.logits.gated)).toBeGreaterThan(1e-4);
  });

  test("a CNN without the module is told as such", async () => {
    const plain = (cnn: AttentionCnn): AttentionCnn => ({ ...cnn, config: { ...cnn.config, attention: null } });
    await expect(show(1, plain)).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
