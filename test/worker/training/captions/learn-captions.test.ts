import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import type { CaptionBatch } from "../../../../worker/training/captions/caption-batch.ts";
import {
  captionLesson,
  type CaptionLearning,
  type CaptionValidation,
} from "../../../../worker/training/captions/caption-lesson.ts";
import { LEARNING_DEFAULTS, type LearningRecipe } from "../../../../worker/training/recipe.ts";
import type { RunState } from "../../../../worker/training/run-state.ts";
import { train, type Training, type TrainingEvent } from "../../../../worker/training/train.ts";
import { pause } from "../tiny-data.ts";
import { freshCaptioner, JUDGE, PLAIN, tinyCaptions, TOKENS } from "./tiny-captions.ts";

type CaptionTraining = Training<CaptionBatch, CaptionValidation>;

const RECIPE: LearningRecipe = {
  ...LEARNING_DEFAULTS,
  optimiser: { kind: "adam", betas: [0.9, 0.99] },
  schedule: { kind: "constant" },
  decay: 0,
  rate: 0.02,
};

async function course(
  kind: "recurrent" | "transformer",
  data: CaptionTraining["data"],
  recipe: LearningRecipe,
  learning: CaptionLearning,
  more: Partial<Pick<CaptionTraining, "saved" | "tell">> = {},
) {
  const captioner = freshCaptioner(kind);
  const lesson = captionLesson(captioner, TOKENS, learning, JUDGE);
  const events: TrainingEvent<CaptionValidation>[] = [];
  try {
    const trained = await train({
      lesson,
      data,
      recipe,
      saved: more.saved ?? null,
      pause,
      tell: async (event, capture) => {
        events.push(event);
        await more.tell?.(event, capture);
      },
    });
    return { events, trained, parameters: await captioner.read() };
  } finally {
    captioner.dispose();
  }
}

beforeAll(async () => {
  await nodeBackends.find(({ name }) => name === "wasm")!.start(() => undefined);
});

test.each(["recurrent", "transformer"] as const)(
  "%s: says every picture exactly after a short run, which leaves no tensor",
  async (kind) => {
    const before = memory().numTensors;
    const { trained } = await course(kind, tinyCaptions(2, 50), { ...RECIPE, epochs: 2 }, PLAIN);
    expect(trained.best!.validation).toMatchObject({ pictures: 9, score: 1 });
    expect(trained.best!.validation.loss).toBeLessThan(0.1);
    expect(memory().numTensors).toBe(before);
  },
);

test("reward alone makes sentences better", async () => {
  const learning: CaptionLearning = { ...PLAIN, samples: 8, longest: 5 };
  const rewards: number[] = [];
  const data = { ...tinyCaptions(0, 30), validation: null };
  const reward = JUDGE.reward;
  const captioner = freshCaptioner("recurrent");
  const lesson = captionLesson(captioner, TOKENS, learning, {
    ...JUDGE,
    reward: (said) => {
      rewards.push(reward(said));
      return rewards.at(-1)!;
    },
  });
  await train({ lesson, data, recipe: { ...RECIPE, epochs: 1 }, saved: null, pause, tell: pause });
  captioner.dispose();
  const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length;
  expect(mean(rewards.slice(-360))).toBeGreaterThan(mean(rewards.slice(0, 360)) + 0.5);
});

test("a run that was stopped while given words or rewards taught it goes on to the same bits", async () => {
  const recipe: LearningRecipe = { ...RECIPE, epochs: 2, average: 0.9, accumulate: 2 };
  const learning: CaptionLearning = {
    ...PLAIN,
    labelSmoothing: 0.1,
    dropout: 0.3,
    lookEverywhere: 0.5,
    baseline: "greedy",
  };
  const run = (more: Partial<Pick<CaptionTraining, "saved" | "tell">> = {}) =>
    course("recurrent", tinyCaptions(1, 4, 0.5), recipe, learning, more);
  const whole = await run();
  expect(whole.events).toHaveLength(6);
  for (const count of [1, 2, 4]) {
    let state: RunState<CaptionValidation> | null = null;
    const events: TrainingEvent<CaptionValidation>[] = [];
    const stopped = run({
      tell: async (event, capture) => {
        if (events.push(event) < count) return;
        state = await capture();
        throw new Error("killed");
      },
    });
    await expect(stopped).rejects.toThrow("killed");
    const rest = await run({ saved: state });
    expect([...events, ...rest.events]).toEqual(whole.events);
    expect(rest.parameters).toEqual(whole.parameters);
  }
});
