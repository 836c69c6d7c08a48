import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSplit } from "../../datasets/open-split.ts";
import { cifarRecord } from "./cifar-records.ts";
import { putFiles } from "./put-files.ts";

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "patchlight-split-"))));
afterEach(() => rm(dir, { recursive: true }));

const record = (...labels: number[]): Uint8Array => cifarRecord(labels, () => [1, 2, 3]);
const cifar10 = { "batches.meta.txt": "a\nb\n", "test_batch.bin": record(1), "data_batch_1.bin": record(0) };
const cifar100 = { "fine_label_names.txt": "a\nb\n", "test.bin": record(0, 1), "train.bin": record(1, 0) };
const tiny = {
  "wnids.txt": "n2\nn1\n",
  "val/val_annotations.txt": "x.JPEG\tn1\n",
  "val/images/x.JPEG": "",
  "train/n2/images/y.JPEG": "",
};
const folders = { "validation/a/x.png": "", "validation/b/y.png": "", "train/a/z.png": "" };

describe("recognises", () => {
  test.each([
    ["Tiny-ImageNet", tiny, "val", "val", [1]],
    ["Tiny-ImageNet", tiny, "validation", "val", [1]],
    ["Tiny-ImageNet", tiny, "train", "train", [0]],
    ["CIFAR-10", cifar10, "test", "test", [1]],
    ["CIFAR-10", cifar10, "val", "test", [1]],
    ["CIFAR-10", cifar10, "train", "train", [0]],
    ["CIFAR-100", cifar100, "val", "test", [1]],
    ["CIFAR-100", cifar100, "train", "train", [0]],
    ["image folder", folders, "val", "validation", [0, 1]],
    ["image folder", folders, "train", "train", [0]],
  ])("%s, %j, asked for %s", async (layout, files, wanted, split, classes) => {
    await putFiles(dir, files);
    const opened = await openSplit(dir, wanted);
    expect(opened).toMatchObject({ layout, split });
    expect(opened.pictures.map(({ classIndex }) => classIndex)).toEqual(classes);
  });
});

test("an image folder's own val comes before its other names", async () => {
  await putFiles(dir, { ...folders, "val/c/x.png": "" });
  expect(await openSplit(dir, "val")).toMatchObject({ split: "val", classes: ["c"] });
});

describe("refuses, and says why,", () => {
  test.each([
    ["an empty folder", {}, "val", "source-not-found", /looked for Tiny-ImageNet \(wnids.txt\).*found an empty folder/],
    ["another kind of folder", { "a.txt": "", "b.txt": "" }, "val", "source-not-found", /found a\.txt, b\.txt$/],
    ["a split that is not there", folders, "test", "source-not-found", /split test, found train, validation/],
    ["a test split in place of val", { "test/a/x.png": "" }, "val", "source-not-found", /split val, found test/],
    ["CIFAR without that part", { "data_batch_1.bin": record(0) }, "val", "source-not-found", /found train/],
    ["CIFAR's names alone", { "batches.meta.txt": "a" }, "test", "source-not-found", /found no split/],
    ["CIFAR's pickles", { test_batch: "", "batches.meta": "" }, "test", "source-unsupported", /binary version/],
    ["CIFAR's empty file", { ...cifar10, "test_batch.bin": "" }, "val", "source-not-found", /2 classes without/],
    [
      "pictures of another kind",
      { "val/a/x.heic": "" },
      "val",
      "source-not-found",
      /1 classes without one but 1 \.heic/,
    ],
    ["pictures without classes", { "val/x.png": "" }, "val", "source-not-found", /found no class/],
  ])("%s", async (_, files: Record<string, string | Uint8Array>, split, code, message) => {
    await putFiles(dir, files);
    await expect(openSplit(dir, split)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("classes without a picture", async () => {
    await mkdir(join(dir, "val/a"), { recursive: true });
    await expect(openSplit(dir, "val")).rejects.toMatchObject({
      code: "source-not-found",
      message: expect.stringContaining("1 classes without one"),
    });
  });

  test("a file and nothing", async () => {
    await putFiles(dir, { "data.tar": "x" });
    await expect(openSplit(join(dir, "data.tar"), "val")).rejects.toThrow(
      "got a file that is no .tar, .tar.gz or .zip",
    );
    await expect(openSplit(join(dir, "none"), "val")).rejects.toThrow("got nothing there");
  });
});
