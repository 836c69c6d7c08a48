import { dispose, variableGrads } from "@tensorflow/tfjs-core";
import { describe, expect, test, beforeAll } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { createRandom } from "../../../../worker/contract/random.ts";
import { registerGradients } from "../../../../worker/kernels/gradients.ts";
import type { CaptionBatch } from "../../../../worker/training/captions/caption-batch.ts";
import {
  captionLesson,
  type CaptionJudge,
  type CaptionLearning,
  type Said,
} from "../../../../worker/training/captions/caption-lesson.ts";
import { trainableCaptioner } from "../../../../worker/training/captions/trainable-captioner.ts";
import { LEARNING_DEFAULTS, type LearningRecipe } from "../../../../worker/training/recipe.ts";
import { TrainingRun } from "../../../../worker/training/training-run.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { goldenVariant, recurrentConfig, rowsOf } from "../../models/captioner/golden-captioners.ts";
import { pause } from "../tiny-data.ts";
import { PLAIN } from "./tiny-captions.ts";

const [START, END] = [1, 2];
const SAID = [END, 5, 6]; // of make_caption_training.py
const TOKENS = {
  startToken: START,
  endToken: END,
  suppressed: Array.from({ length: 15 }, (_, token) => token).filter((token) => !SAID.includes(token)),
};
const NO_JUDGE: CaptionJudge = { reward: () => 0, score: () => 0 };

async function golden(variant: "additive-deep" | "dot-hidden") {
  const weights = await goldenTensors(`captioner/${variant}.safetensors`);
  const answers = await goldenTensors(`caption-training/${variant}.safetensors`);
  const config = recurrentConfig(await goldenVariant(variant));
  const captioner = trainableCaptioner({ kind: "recurrent", config }, (name) => weights.get(`weights.${name}`)!.values);
  return { captioner, grid: weights.get("grid")!, answer: (name: string): GoldenTensor => answers.get(name)! };
}

const sentencesOf = (tensor: GoldenTensor): number[][] =>
  rowsOf(tensor).map((row) => row.filter((token) => token >= 0));

function batchOf({ shape, values }: GoldenTensor, rows: number, task: CaptionBatch["task"]): CaptionBatch {
  const [, places, width] = shape as [number, number, number];
  const pictures = Array.from({ length: rows }, (_, row) => row);
  return { shape: [rows, places, width], features: values.slice(0, rows * places * width), pictures, task };
}

async function* only(batch: CaptionBatch): AsyncGenerator<CaptionBatch> {
  yield await Promise.resolve(batch);
}

describe.each(nodeBackends)("captions on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
    registerGradients();
  });

  test.each(["additive-deep", "dot-hidden"] as const)("%s: two updates are PyTorch's", async (variant) => {
    const { captioner, grid, answer } = await golden(variant);
    const learning: CaptionLearning = { ...PLAIN, labelSmoothing: 0.1, lookEverywhere: 0.7 };
    const lesson = captionLesson(captioner, TOKENS, learning, NO_JUDGE);
    const batch = batchOf(grid, 2, { kind: "given", captions: sentencesOf(answer("captions")), own: 0 });
    const task = await lesson.prepare(batch, createRandom(1));
    const { value, grads } = variableGrads(task.loss, [...captioner.parameters.values()]);
    for (const [name, { name: key }] of captioner.parameters) {
      expect(maxDifference(await grads[key]!.data(), answer(`gradients.${name}`).values), name).toBeLessThanOrEqual(
        1e-5,
      );
    }
    task.release();
    dispose([value, ...Object.values(grads)]);

    const recipe: LearningRecipe = {
      ...LEARNING_DEFAULTS,
      optimiser: { kind: "sgd", momentum: 0.9, nesterov: false },
      schedule: { kind: "constant" },
      rate: 0.1,
      decay: 0,
      clip: 0.5,
    };
    const run = new TrainingRun(lesson, recipe, 2);
    const losses = [(await run.update(only(batch), pause)).loss, (await run.update(only(batch), pause)).loss];
    expect(maxDifference(losses, answer("losses").values)).toBeLessThanOrEqual(1e-5);
    for (const [name, values] of await captioner.read()) {
      expect(maxDifference(values, answer(`after.${name}`).values), name).toBeLessThanOrEqual(1e-5);
    }
    run.dispose();
    captioner.dispose();
  });
});

/** Draws sentences, and the gradient of the loss that they make. */
async function drawn(variant: "additive-deep" | "dot-hidden", learning: CaptionLearning) {
  const { captioner, grid, answer } = await golden(variant);
  const judged: { words: readonly number[]; reward: number }[] = [];
  const judge: CaptionJudge = {
    reward: ({ words }: Said) => {
      const reward = words.length + (words[0] === 6 ? 2 : 0);
      judged.push({ words, reward });
      return reward;
    },
    score: () => 0,
  };
  const lesson = captionLesson(captioner, TOKENS, learning, judge);
  const task = await lesson.prepare(batchOf(grid, 1, { kind: "rewarded" }), createRandom(8));
  const { value, grads } = variableGrads(task.loss, [...captioner.parameters.values()]);
  const gradients = new Map<string, Float32Array>();
  for (const [name, { name: key }] of captioner.parameters) {
    gradients.set(name, (await grads[key]!.data<"float32">()).slice());
  }
  task.release();
  dispose([value, ...Object.values(grads)]);
  captioner.dispose();
  return { judged, gradients, answer, all: sentencesOf(answer("sentences")).map((sentence) => sentence.join()) };
}

describe("self-critical training", () => {
  beforeAll(async () => {
    await nodeBackends.find(({ name }) => name === "wasm")!.start(() => undefined);
    registerGradients();
  });

  const CASES = [
    ["additive-deep", "others"],
    ["dot-hidden", "greedy"],
  ] as const;

  test.each(CASES)("%s: the gradient is the formula's, held against %s", async (variant, baseline) => {
    const samples = 6;
    const { judged, gradients, answer, all } = await drawn(variant, { ...PLAIN, samples, baseline, longest: 2 });
    const own = judged.slice(0, samples);
    expect(new Set(own.map(({ words }) => words.join())).size).toBeGreaterThan(1);
    const total = own.reduce((sum, { reward }) => sum + reward, 0);
    const words = own.reduce((sum, one) => sum + one.words.length, 0);
    for (const [name, got] of gradients) {
      const each = answer(`words.${name}`).values; // [7, …]
      const wanted = new Float64Array(got.length);
      for (const { words: sentence, reward } of own) {
        const expected = baseline === "greedy" ? judged[samples]!.reward : (total - reward) / (samples - 1);
        const row = all.indexOf(sentence.join());
        for (let at = 0; at < wanted.length; at++) {
          wanted[at]! -= ((reward - expected) * each[row * wanted.length + at]!) / words;
        }
      }
      expect(maxDifference(got, wanted), name).toBeLessThanOrEqual(1e-5);
    }
  });

  test("sentences are drawn as often as they are likely, and the greedy one is the likeliest word by word", async () => {
    const samples = 3000;
    const { judged, answer, all } = await drawn("dot-hidden", { ...PLAIN, samples, baseline: "greedy", longest: 2 });
    const likely = Array.from(answer("log_probabilities").values, Math.exp);
    expect(likely.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5); // these are all sentences there are
    for (const [row, sentence] of all.entries()) {
      const share = judged.slice(0, samples).filter(({ words }) => words.join() === sentence).length / samples;
      const deviation = Math.sqrt((likely[row]! * (1 - likely[row]!)) / samples);
      expect(Math.abs(share - likely[row]!), sentence).toBeLessThanOrEqual(4 * deviation);
    }
    const first = SAID.map((token) => ({
      token,
      odds: likely.filter((_, row) => all[row]!.startsWith(String(token))).reduce((sum, one) => sum + one, 0),
    })).reduce((best, one) => (one.odds > best.odds ? one : best));
    expect(judged[samples]!.words[0]).toBe(first.token);
  });
});
