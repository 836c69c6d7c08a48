import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Prediction } from "../../../../worker/contract/api.ts";
import { run } from "../run-command.ts";
import { drawShapes } from "./shapes.ts";
import { keptFolder, NEW_VIT, scratchFolder, tinyRecipe, writeRecipe } from "./training-folders.ts";

let shapes: string;
let teacher: string;

const learning = { epochs: 40, rate: 0.01, schedule: { kind: "constant" } };

async function train(recipe: object, seed: number): Promise<string> {
  const output = join(await keptFolder(), "model");
  const settings = { data: { batch: 8, validation: null }, augment: { crop: null }, ...recipe };
  const more = { ...learning, seed, ...(recipe as { learning?: object }).learning };
  const file = await writeRecipe(await scratchFolder(), tinyRecipe({ ...settings, learning: more }));
  expect(await run("train", "--recipe", file, "--data", shapes, "--output", output, "--json")).toMatchObject({
    exit: 0,
  });
  return output;
}

/** First guesses, picture by picture. */
async function guesses(model: string): Promise<string[]> {
  const { lines } = await run("classify", shapes, "--model", model, "--json", "--top-k", "1");
  return (lines as { predictions: Prediction[] }[]).map(({ predictions }) => predictions[0]!.label);
}

beforeAll(async () => {
  shapes = await keptFolder();
  await drawShapes(shapes, 8);
});

test("a student that hears of nothing but its teacher comes to agree with it", async () => {
  teacher = await train({}, 1);
  const wanted = await guesses(teacher);
  expect(new Set(wanted).size).toBe(3);
  const agreement = async (student: string): Promise<number> =>
    (await guesses(student)).filter((guess, at) => guess === wanted[at]).length / wanted.length;
  const recipe = (epochs: number): object => ({
    model: { ...NEW_VIT, hiddenSize: 16 },
    teacher,
    learning: { epochs, distillation: { kind: "soft", weight: 1, temperature: 2 } },
  });
  const [early, late] = [await agreement(await train(recipe(1), 2)), await agreement(await train(recipe(40), 2))];
  expect(late).toBeGreaterThan(early);
  expect(late).toBeGreaterThanOrEqual(0.8);
});
