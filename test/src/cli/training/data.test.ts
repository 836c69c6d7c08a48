import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { openTrainingPictures } from "../../../../src/cli/training/training-pictures.ts";
import { readRecipe } from "../../../../src/cli/training/recipe-file.ts";
import { run } from "../run-command.ts";
import { drawShapes } from "./shapes.ts";
import { NEW_VIT, scratchFolder, tinyRecipe, writeRecipe } from "./training-folders.ts";

/** Mean of each colour over all pictures of one size, in 0…1, as libvips counts it. */
async function meanColours(folder: string): Promise<number[]> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".png"));
  const all = await Promise.all(files.map(async (name) => (await sharp(join(folder, name)).stats()).channels));
  return [0, 1, 2].map((colour) => all.reduce((sum, of) => sum + of[colour]!.mean, 0) / all.length / 255);
}

test("a new model's pixels are normalised by the colours of its pictures, where the recipe says so", async () => {
  const [data, output] = [await scratchFolder(), join(await scratchFolder(), "model")];
  await drawShapes(data, 4);
  const recipe = tinyRecipe({ model: { ...NEW_VIT, normalise: "data" }, data: { batch: 4, validation: null } });
  const file = await writeRecipe(await scratchFolder(), recipe);
  const { exit } = await run("train", "--recipe", file, "--data", data, "--output", output, "--json");
  expect(exit).toBe(0);
  const written = JSON.parse(await readFile(join(output, "preprocessor_config.json"), "utf8")) as {
    image_mean: number[];
  };
  const wanted = await meanColours(data);
  for (const [colour, mean] of written.image_mean.entries()) expect(mean).toBeCloseTo(wanted[colour]!, 6);
});

test("a bag learns from as many pictures as there are and is measured on those it never drew", async () => {
  const data = await scratchFolder();
  await drawShapes(data, 12);
  const settings = (bag: number) => readRecipe(tinyRecipe({ data: { bag } }), "test").data;
  const bags = await Promise.all([1, 2].map((bag) => openTrainingPictures(data, settings(bag), 7)));
  for (const { train, validation } of bags) {
    const drawn = new Set(train.pictures.map(({ path }) => path));
    const kept = validation!.pictures.map(({ path }) => path);
    expect(train.pictures).toHaveLength(36);
    expect(drawn.size + kept.length).toBe(36);
    expect(kept.filter((path) => drawn.has(path))).toEqual([]);
  }
  expect(bags[0]).not.toEqual(bags[1]);
});

test("pictures of another kind are told, by ending, and not learnt from", async () => {
  const data = await scratchFolder();
  await drawShapes(data, 4);
  const [first] = (await readdir(data)).sort();
  await writeFile(join(data, first!, "photo.bmp"), "");
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    const { train } = await openTrainingPictures(data, readRecipe(tinyRecipe({}), "test").data, 7);
    expect(train.pictures.some(({ path }) => path.endsWith(".bmp"))).toBe(false);
    expect(told.mock.calls).toEqual([["Left out of all: 1 .bmp (not read; save them as JPEG or PNG)"]]);
  } finally {
    told.mockRestore();
  }
});

test("a class may bear the name of a split", async () => {
  const data = await scratchFolder();
  await drawShapes(data, 4);
  const [first] = (await readdir(data)).sort();
  await rename(join(data, first!), join(data, "train"));
  const { train } = await openTrainingPictures(data, readRecipe(tinyRecipe({}), "test").data, 7);
  expect(train.classes).toContain("train");
});
