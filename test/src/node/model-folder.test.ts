import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openModelFolder } from "../../../src/node/model-folder.ts";
import { openModel } from "../../../worker/checkpoint/open-model.ts";

/** A folder with copies of golden files of weights. */
async function folderOf(...files: readonly (readonly [golden: string, name: string])[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "patchlight-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [golden, name] of files) await copyFile(`test/golden/file-kinds/${golden}`, join(folder, name));
  return folder;
}

test.each([
  ["training.pth", "model_best.pth.tar"],
  ["model.npz", "ViT-B_16.npz"],
  ["legacy.pth", "pytorch_model.bin"],
])("a folder with %s as %s", async (golden, name) => {
  const path = await folderOf([golden, name], ["timm.json", "config.json"]);
  const { config, labels } = await openModel(await openModelFolder(path));
  expect([config, labels]).toMatchObject([{ heads: 4, hiddenSize: 32 }, { length: 5 }]);
});

test("a folder with two files of weights is not guessed at", async () => {
  const path = await folderOf(["training.pth", "first.pth"], ["training.pth", "last.pth"]);
  await expect(openModel(await openModelFolder(path))).rejects.toMatchObject({ code: "source-not-found" });
});
