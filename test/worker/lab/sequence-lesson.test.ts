import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import type { LessonPlan } from "../../../worker/contract/lab.ts";
import { openLesson } from "../../../worker/lab/sequence-lesson.ts";
import type { LessonModel } from "../../../worker/training/sequences/lessons.ts";

const pause = (): Promise<void> => Promise.resolve();

const PLAN: LessonPlan = { task: "words", model: "attention", updates: 1, heldOut: 8, seed: 1, learning: null };

beforeAll(async () => {
  await nodeBackends[0]!.start(() => undefined);
});

test.each<LessonModel>(["attention", "no-attention", "transformer"])(
  "%s: learns, is examined, writes a visitor's own text, and leaves nothing behind",
  async (model) => {
    const before = memory().numTensors;
    const lesson = openLesson({ ...PLAN, model });
    const updates: number[] = [];
    await lesson.learn(pause, ({ update }) => updates.push(update));
    expect(updates).toEqual([1]);
    const { exactMatch, byLength } = await lesson.examine(pause);
    expect(exactMatch).toBeGreaterThanOrEqual(0);
    expect(byLength.reduce((sum, { count }) => sum + count, 0)).toBe(8);
    const { written, weights } = await lesson.write(" Patch ", pause);
    expect(written.length).toBeLessThanOrEqual(11);
    expect(weights === null).toBe(model === "no-attention");
    for (const row of weights ?? []) {
      expect(row.length).toBe("patch".length);
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
    }
    await expect(lesson.write("?", pause)).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(lesson.write("a".repeat(201), pause)).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(lesson.write(" ", pause)).rejects.toMatchObject({ code: "invalid-argument" });
    lesson.dispose();
    expect(memory().numTensors).toBe(before);
  },
);

test("another learning rate is the one that is used", async () => {
  const schedule = { kind: "inverse-square-root", width: 64, warmup: 10 } as const;
  const lesson = openLesson({ ...PLAN, task: "dates", updates: 2, learning: { rate: 2, schedule } });
  const rates: number[] = [];
  await lesson.learn(pause, ({ rate }) => rates.push(rate));
  lesson.dispose();
  expect(rates.map((rate) => rate / (2 * 64 ** -0.5 * 10 ** -1.5))).toEqual([
    expect.closeTo(1, 10),
    expect.closeTo(2, 10),
  ]);
});
