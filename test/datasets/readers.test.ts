import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readImageFolder } from "../../datasets/image-folder.ts";
import { readTinyImagenet } from "../../datasets/tiny-imagenet.ts";
import { putFiles } from "./put-files.ts";

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "patchlight-data-"))));
afterEach(() => rm(dir, { recursive: true }));

const put = (files: Readonly<Record<string, string>>): Promise<void> => putFiles(dir, files);

test("an image folder counts its classes by name and takes pictures alone", async () => {
  const others = { "val/dog/notes.txt": "", "val/dog/d.HEIC": "", "val/cat/deep/e.bmp": "", "val/cat/._f.heic": "" };
  await put({ "val/dog/b.png": "", "val/dog/a.JPEG": "", "val/cat/deep/c.webp": "", ...others });
  expect(await readImageFolder(dir, "val")).toEqual({
    classes: ["cat", "dog"],
    pictures: [
      { path: join(dir, "val/cat/deep/c.webp"), classIndex: 0 },
      { path: join(dir, "val/dog/a.JPEG"), classIndex: 1 },
      { path: join(dir, "val/dog/b.png"), classIndex: 1 },
    ],
    skipped: [join(dir, "val/cat/deep/e.bmp"), join(dir, "val/dog/d.HEIC")],
  });
});

test("an image folder counts a class without pictures and one that a link leads to", async () => {
  await put({ "elsewhere/b.png": "", "val/cat/c.webp": "", "val/loose.png": "" });
  await mkdir(join(dir, "val/ape"));
  await symlink(join(dir, "elsewhere"), join(dir, "val/bee"));
  await symlink(join(dir, "nowhere"), join(dir, "val/cow"));
  const { classes, pictures } = await readImageFolder(dir, "val");
  expect(classes).toEqual(["ape", "bee", "cat"]);
  expect(pictures.map(({ classIndex }) => classIndex)).toEqual([1, 2]);
});

test("an image folder leaves out what is hidden", async () => {
  await put({
    "val/.ipynb_checkpoints/a.png": "",
    "val/cat/._c.png": "",
    "val/cat/.old/d.png": "",
    "val/cat/c.png": "",
  });
  expect(await readImageFolder(dir, "val")).toEqual({
    classes: ["cat"],
    pictures: [{ path: join(dir, "val/cat/c.png"), classIndex: 0 }],
    skipped: [],
  });
});

describe("Tiny-ImageNet", () => {
  const ids = { "wnids.txt": "n3\nn1\nn2\n" };

  test("takes the order of classes from wnids.txt and validation labels from the annotations", async () => {
    await put({ ...ids, "val/val_annotations.txt": "x.JPEG\tn1\t0\t0\t9\t9\ny.JPEG\tn3\t0\t0\t9\t9\n" });
    expect(await readTinyImagenet(dir, "val")).toEqual({
      classes: ["n3", "n1", "n2"],
      pictures: [
        { path: join(dir, "val/images/x.JPEG"), classIndex: 1 },
        { path: join(dir, "val/images/y.JPEG"), classIndex: 0 },
      ],
      skipped: [],
    });
  });

  test("reads training pictures from their classes' folders", async () => {
    await put({ ...ids, "train/n1/images/a.JPEG": "", "train/n3/images/b.JPEG": "" });
    const { pictures } = await readTinyImagenet(dir, "train");
    expect(pictures.map(({ classIndex }) => classIndex)).toEqual([1, 0]);
  });

  test("names a class that wnids.txt does not have", async () => {
    await put({ ...ids, "val/val_annotations.txt": "x.JPEG\tn9\n" });
    await expect(readTinyImagenet(dir, "val")).rejects.toThrow('"n9" is no class of wnids.txt');
  });

  test("says that test pictures have no labels", async () => {
    await put({ ...ids, "test/images/test_0.JPEG": "" });
    await expect(readTinyImagenet(dir, "test")).rejects.toMatchObject({
      code: "source-not-found",
      message: expect.stringContaining("without labels"),
    });
  });
});
