import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import { schemeFolder, type SchemeName } from "../../../worker/checkpoint/scheme-folder.ts";

/** A new folder, gone when the test is over. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "patchlight-training-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A new folder, gone when the file's tests are over; call it in `beforeAll`. */
export async function keptFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "patchlight-training-"));
  kept.push(folder);
  return folder;
}

const kept: string[] = [];
afterAll(() => Promise.all(kept.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A model of test/golden/schemes in a folder of its own. */
export async function schemeOnDisk(name: SchemeName): Promise<string> {
  const [folder, scheme] = [await scratchFolder(), await schemeFolder(name)];
  for (const file of ["config.json", "preprocessor_config.json", "model.safetensors"]) {
    const bytes = await scheme.read(file);
    if (bytes) await writeFile(join(folder, file), bytes);
  }
  return folder;
}

export const NEW_VIT = {
  kind: "vit",
  imageSize: 16,
  patchSize: 8,
  hiddenSize: 12,
  layers: 1,
  heads: 2,
  intermediateSize: 16,
};

export const NEW_CNN = {
  kind: "attention-cnn",
  imageSize: 16,
  stem: { channels: 4, stride: 2 },
  stages: [{ channels: 6, blocks: 1, stride: 2 }],
  attention: { afterStage: 0, innerChannels: 3, scaled: true },
};

/** A recipe of a tiny new ViT that trains in a moment, with other settings in place of its own. */
export const tinyRecipe = (other: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  model: NEW_VIT,
  data: { batch: 8, validation: 0.2 },
  learning: { epochs: 2, rate: 0.01, schedule: { kind: "constant" } },
  ...other,
});

export async function writeRecipe(folder: string, recipe: unknown): Promise<string> {
  const file = join(folder, "recipe.json");
  await writeFile(file, typeof recipe === "string" ? recipe : JSON.stringify(recipe));
  return file;
}
