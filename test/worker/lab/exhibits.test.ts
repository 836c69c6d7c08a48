import { memory } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import type { AttentionQuestion, PermutationQuestion } from "../../../worker/contract/lab.ts";
import { layerCosts } from "../../../worker/lab/layer-costs.ts";
import { measureReach } from "../../../worker/lab/measure-reach.ts";
import { measureSaturation } from "../../../worker/lab/measure-saturation.ts";
import { permuteTokens } from "../../../worker/lab/permute-tokens.ts";
import { showAttention } from "../../../worker/lab/show-attention.ts";
import { showPositions } from "../../../worker/lab/show-positions.ts";
import { timeLayers } from "../../../worker/lab/time-layers.ts";
import { warmUpCurve } from "../../../worker/lab/warm-up-curve.ts";
import { goldenTensors, maxDifference } from "../../setup/golden.ts";

beforeAll(async () => {
  await nodeBackends[0]!.start(() => undefined);
});

/** Runs work that must leave no tensor. */
async function clean<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = memory().numTensors;
  const result = await work();
  expect(memory().numTensors).toBe(before);
  return result;
}

const rows = (count: number, width: number, step: number): number[][] =>
  Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (__, at) => 2 * Math.sin(1 + (row * width + at) * step)),
  );

describe("attention step by step", () => {
  const QUESTION: AttentionQuestion = {
    queries: rows(3, 4, 0.7),
    keys: rows(3, 4, 1.1),
    values: rows(3, 2, 1.9),
    scaled: true,
    causal: false,
    real: null,
  };
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, at) => sum + x * b[at]!, 0);
  const softmax = (scores: readonly number[]): number[] => {
    const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
    return powers.map((power) => power / powers.reduce((sum, x) => sum + x, 0));
  };

  test.each([
    ["scaled", QUESTION],
    ["not scaled", { ...QUESTION, scaled: false }],
    ["causal", { ...QUESTION, causal: true }],
    ["padded", { ...QUESTION, real: 2 }],
    ["causal and padded", { ...QUESTION, causal: true, real: 2 }],
  ])("%s: every step is the formula in float64", async (_, question) => {
    const steps = await clean(() => showAttention(question));
    for (const [at, query] of question.queries.entries()) {
      const products = question.keys.map((key) => dot(query, key));
      const scores = products.map((product) => product / (question.scaled ? 2 : 1));
      const hidden = (key: number): boolean => (question.causal && key > at) || key >= (question.real ?? 3);
      const weights = softmax(scores.map((score, key) => (hidden(key) ? -Infinity : score)));
      expect(maxDifference(steps.products[at]!, products)).toBeLessThanOrEqual(1e-5);
      expect(maxDifference(steps.scores[at]!, scores)).toBeLessThanOrEqual(1e-5);
      expect(steps.masked[at]!.map((score) => score < -1e4)).toEqual(scores.map((__, key) => hidden(key)));
      expect(maxDifference(steps.weights[at]!, weights)).toBeLessThanOrEqual(1e-5);
      const mixed = [0, 1].map((column) =>
        weights.reduce((sum, weight, key) => sum + weight * question.values[key]![column]!, 0),
      );
      expect(maxDifference(steps.mixed[at]!, mixed)).toBeLessThanOrEqual(1e-5);
    }
  });

  test("a matrix of unequal rows is told as such", async () => {
    await expect(
      clean(() =>
        showAttention({ ...QUESTION, keys: [[1], [1, 2]] }).catch((error: unknown) => Promise.resolve(error)),
      ),
    ).resolves.toMatchObject({
      code: "invalid-argument",
      message: "keys: expected one row or more of one length, got lengths [1, 2]",
    });
  });
});

describe("softmax saturation", () => {
  const question = { sizes: [4, 16, 64, 256, 1024], keys: 16, seed: 2 };

  test("without 1/√d the largest weight grows with d, and less and less gradient comes through", async () => {
    const found = await clean(() => measureSaturation(question, false));
    for (const [at, { largest, gradient }] of found.entries()) {
      if (at === 0) continue;
      expect(largest).toBeGreaterThan(found[at - 1]!.largest);
      expect(gradient).toBeLessThan(found[at - 1]!.gradient);
    }
    expect(found.at(-1)!.largest).toBeGreaterThan(0.95);
    expect(found.at(-1)!.gradient).toBeLessThan(found[0]!.gradient / 4);
  });

  test("with it both stay as they are, whatever d", async () => {
    const found = await measureSaturation(question, true);
    for (const { largest, gradient } of found) {
      expect(Math.abs(largest / found[0]!.largest - 1)).toBeLessThan(0.2);
      expect(Math.abs(gradient / found[0]!.gradient - 1)).toBeLessThan(0.2);
    }
  });
});

describe("positions", () => {
  test("waves are the paper's; products depend on the distance alone, and fall at first", async () => {
    const { shape, values } = (await goldenTensors("transformer/sinusoidal.safetensors")).get("positions")!;
    const [count, width] = shape as [number, number];
    const { waves, products } = await clean(() => showPositions(count, width));
    expect(maxDifference(waves.flat(), values)).toBeLessThanOrEqual(1e-6);
    for (let distance = 0; distance < count; distance++) {
      const wanted = Array.from({ length: width / 2 }, (_, wave) =>
        Math.cos(distance / 10000 ** ((2 * wave) / width)),
      ).reduce((a, b) => a + b);
      for (let from = 0; from + distance < count; from++) {
        expect(Math.abs(products[from]![from + distance]! - wanted)).toBeLessThanOrEqual(1e-4);
      }
      if (distance > 0 && distance <= 3) expect(products[0]![distance]!).toBeLessThan(products[0]![distance - 1]!);
    }
  });

  const questions = fc
    .record({ count: fc.integer({ min: 2, max: 9 }), half: fc.integer({ min: 1, max: 6 }), seed: fc.nat(1000) })
    .chain(({ count, half, seed }) =>
      fc
        .shuffledSubarray(
          Array.from({ length: count }, (_, token) => token),
          { minLength: count },
        )
        .map((order): Omit<PermutationQuestion, "positions"> => ({
          tokens: rows(count, 2 * half, 0.37 + seed / 700),
          order,
          seed,
        })),
    );

  test("self-attention permutes with its tokens, whatever tokens, weights and order, until positions are added", async () => {
    await fc.assert(
      fc.asyncProperty(questions, async (question) => {
        const without = await clean(() => permuteTokens({ ...question, positions: false }));
        expect(without.difference).toBeLessThanOrEqual(1e-5);
        expect(without.permuted.length).toBe(question.tokens.length);
      }),
      { numRuns: 30 },
    );
    const moved = { tokens: rows(6, 8, 0.9), order: [5, 3, 0, 1, 4, 2], seed: 3 };
    expect((await permuteTokens({ ...moved, positions: true })).difference).toBeGreaterThan(0.1);
    const still = { ...moved, order: [0, 1, 2, 3, 4, 5] };
    expect((await permuteTokens({ ...still, positions: true })).difference).toBe(0);
  });

  test("an order that leaves a token out is told as such", async () => {
    const question = { tokens: rows(3, 2, 1), order: [0, 0, 2], positions: false, seed: 1 };
    await expect(permuteTokens(question)).rejects.toThrow("expected each of 0 to 2 once, got [0, 0, 2]");
  });
});

test.each([1, 2])(
  "seed %i: the further back, the less gradient: RNN, then GRU and LSTM, and attention none",
  async (seed) => {
    const length = 40;
    const reach = await clean(() => measureReach({ length, width: 32, keepBias: 1, seed }));
    const mean = (norms: number[], from: number, to: number): number =>
      norms.slice(from, to).reduce((sum, norm) => sum + norm, 0) / (to - from);
    const far = { rnn: 0, gru: 0, lstm: 0, attention: 0 };
    for (const reader of ["rnn", "gru", "lstm", "attention"] as const) {
      expect(reach[reader].length).toBe(length);
      far[reader] = mean(reach[reader], 30, length);
    }
    expect(far.rnn).toBeLessThan(far.gru / 5);
    expect(far.rnn).toBeLessThan(far.lstm / 5);
    expect(far.gru).toBeLessThan(far.attention / 5);
    expect(far.lstm).toBeLessThan(far.attention / 5);
    for (const reader of ["rnn", "gru", "lstm"] as const) {
      expect(mean(reach[reader], 10, 20)).toBeLessThan(mean(reach[reader], 0, 10) / 3);
      expect(far[reader]).toBeLessThan(mean(reach[reader], 10, 20) / 3);
    }
    expect(far.attention).toBeGreaterThan(mean(reach.attention, 1, 10) / 3);
  },
);

describe("costs", () => {
  test("are those of table 1 of the paper", () => {
    expect(layerCosts({ n: 100, d: 512, k: 3, r: 10 })).toEqual({
      selfAttention: { operations: 100 * 100 * 512, sequentialSteps: 1, longestPath: 1 },
      recurrent: { operations: 100 * 512 * 512, sequentialSteps: 100, longestPath: 100 },
      convolution: { operations: 3 * 100 * 512 * 512, sequentialSteps: 1, longestPath: 5 }, // 3⁴ < 100 ≤ 3⁵
      restrictedAttention: { operations: 10 * 100 * 512, sequentialSteps: 1, longestPath: 10 },
    });
    expect(layerCosts({ n: 243, d: 1, k: 3, r: 243 }).convolution.longestPath).toBe(5); // Math.log would say 6
  });

  test("self-attention is the cheaper one exactly where a sequence is shorter than it is wide", () => {
    const sizes = fc.record({ n: fc.integer({ min: 1, max: 999 }), d: fc.integer({ min: 1, max: 999 }) });
    fc.assert(
      fc.property(sizes, ({ n, d }) => {
        const { selfAttention, recurrent } = layerCosts({ n, d, k: 3, r: 1 });
        expect(selfAttention.operations < recurrent.operations).toBe(n < d);
      }),
    );
  });

  test("are timed for every layer, and leave nothing behind, finished or stopped", async () => {
    const times = await clean(() => timeLayers({ n: 6, d: 4, k: 3 }, () => Promise.resolve()));
    expect(Object.keys(times).sort()).toEqual(["convolution", "recurrent", "selfAttention"]);
    expect(Object.values(times).every((time) => time > 0)).toBe(true);
    const stop = () => Promise.reject(new Error("enough"));
    await clean(() => expect(timeLayers({ n: 6, d: 4, k: 3 }, stop)).rejects.toThrow("enough"));
  });
});

test("the warm-up curve is the paper's", async () => {
  const golden = await goldenTensors("transformer/warmup.safetensors");
  const steps = golden.get("step")!.values;
  const curve = warmUpCurve(512, 4000, 20_000);
  const wanted = golden.get("learning_rate")!.values;
  expect(
    maxDifference(
      [...steps].map((step) => curve[step - 1]!),
      wanted,
    ),
  ).toBeLessThanOrEqual(1e-9);
});
