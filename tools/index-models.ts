/** Brings bytes, parameters and checksums in public/models/index.json up to the files; titles are written by hand. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { readSafetensors } from "../worker/checkpoint/safetensors.ts";
import { elementCount } from "../worker/contract/host-tensor.ts";
import type { EmbeddedModel } from "../worker/contract/model-folder.ts";
import { isStatistic } from "../worker/models/attention-cnn/parameters.ts";
import { repositoryRoot } from "./repository-root.ts";

const INDEX = `${repositoryRoot}/public/models/index.json`;

async function measure(model: EmbeddedModel): Promise<EmbeddedModel> {
  const weights = await readFile(`${repositoryRoot}/public/models/${model.name}/model.safetensors`);
  const learned = [...readSafetensors(weights)].filter(([name]) => !isStatistic(name));
  return {
    ...model,
    bytes: weights.length,
    parameters: learned.reduce((sum, [, { shape }]) => sum + elementCount(shape), 0),
    sha256: createHash("sha256").update(weights).digest("hex"),
  };
}

const { models } = JSON.parse(await readFile(INDEX, "utf8")) as { models: EmbeddedModel[] };
await writeFile(INDEX, JSON.stringify({ models: await Promise.all(models.map(measure)) }, null, 2) + "\n");
