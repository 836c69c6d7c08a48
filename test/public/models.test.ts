import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { FIRST_MODEL } from "../../src/app/state/models/model-choices.ts";
import { openModelFolder } from "../../src/node/model-folder.ts";
import { openModel } from "../../worker/checkpoint/open-model.ts";
import { inspectModel } from "../../worker/checkpoint/inspect-model.ts";
import type { EmbeddedModel } from "../../worker/contract/model-folder.ts";

const FOLDER = "public/models";

const { models } = JSON.parse(await readFile(`${FOLDER}/index.json`, "utf8")) as { models: EmbeddedModel[] };

test("every folder is listed, the default first", async () => {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(models.map(({ name }) => name).sort()).toEqual(folders.sort());
  expect(models[0]!.name).toBe(FIRST_MODEL);
});

describe.each(models)("$name", ({ name, type, bytes, parameters, sha256 }) => {
  test("is whole, and as the list says (npm run index-models brings it up to date)", async () => {
    const weights = await readFile(`${FOLDER}/${name}/model.safetensors`);
    const digest = createHash("sha256").update(weights).digest("hex");
    expect({ bytes: weights.length, sha256: digest }).toEqual({ bytes, sha256 });
    const inspection = await inspectModel(await openModelFolder(name));
    expect(inspection).toMatchObject({ type, parameters, problems: [], notes: [], missing: [], unexpected: [] });
  });
});

describe.each(models.filter(({ type }) => type !== "captioner"))("$name", ({ name }) => {
  test("tells the same classes apart as the others, and takes the same for one", async () => {
    const [own, first] = await Promise.all(
      [name, models[0]!.name].map(async (each) => openModel(await openModelFolder(each))),
    );
    expect([own!.labels, own!.labelGroups]).toEqual([first!.labels, first!.labelGroups]);
    const names = own!.labelGroups.map((group) => group.map((index) => own!.labels[index]));
    expect(names).toEqual([
      ["bullfrog", "frog"],
      ["lobster", "spiny lobster"],
      ["tabby cat", "Egyptian cat"],
      ["arch bridge", "viaduct"],
    ]);
  });
});
