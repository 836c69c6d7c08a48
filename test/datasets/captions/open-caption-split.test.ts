import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCaptionSplit } from "../../../datasets/captions/open-caption-split.ts";
import { makeTarGz } from "../archive/make-archives.ts";
import { putFiles } from "../put-files.ts";

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "patchlight-captions-"))));
afterEach(() => rm(dir, { recursive: true }));

const open = async (files: Readonly<Record<string, string>>, split: string) => {
  await putFiles(dir, files);
  return openCaptionSplit(dir, split);
};

const tokens = "b.jpg#0\tA dog runs #1 .\nb.jpg#1\tTwo dogs\r\na.jpg#0\tA cat , asleep\n";
const lists = {
  "Flickr_8k.trainImages.txt": "b.jpg\r\n",
  "Flickr_8k.devImages.txt": "a.jpg\n",
  "Flickr_8k.testImages.txt": "b.jpg\na.jpg\n",
};
const within = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

const original = {
  ...within("Flickr8k_text", { "Flickr8k.token.txt": tokens, ...lists }),
  ...within("Flicker8k_Dataset", { "a.jpg": "", "b.jpg": "" }),
};
const flat = { "Flickr8k.token.txt": tokens, ...lists, "images/a.jpg": "", "images/b.jpg": "" };
const kaggle = {
  "captions.txt": 'image,caption\nb.jpg,A dog runs #1 .\nb.jpg,Two dogs\na.jpg,"A cat , asleep"\n',
  "Images/a.jpg": "",
  "Images/b.jpg": "",
};
const annotations = {
  images: [
    { id: 7, file_name: "b.jpg", width: 1 },
    { id: 3, file_name: "a.jpg" },
  ],
  annotations: [
    { id: 1, image_id: 3, caption: "A cat , asleep\n" },
    { id: 2, image_id: 7, caption: "A dog runs #1 ." },
    { id: 3, image_id: 7, caption: "Two dogs" },
  ],
};
const coco = (split: string, said: unknown = annotations) => ({
  [`annotations/captions_${split}.json`]: JSON.stringify(said),
  [`${split}/a.jpg`]: "",
  [`${split}/b.jpg`]: "",
});

const cat = { path: expect.stringMatching(/a\.jpg$/), captions: ["A cat , asleep"] };
const dog = { path: expect.stringMatching(/b\.jpg$/), captions: ["A dog runs #1 .", "Two dogs"] };

describe("reads", () => {
  test.each([
    ["Flickr8k", original, "train", "train", [dog]],
    ["Flickr8k", original, "val", "dev", [cat]],
    ["Flickr8k", original, "test", "test", [dog, cat]],
    ["Flickr8k", flat, "dev", "dev", [cat]],
    ["Flickr8k", flat, "all", "all", [dog, cat]],
    ["Flickr8k", { ...kaggle, ...lists }, "validation", "dev", [cat]],
    ["Flickr8k", kaggle, "all", "all", [dog, cat]],
    ["COCO captions", coco("val2017"), "val", "val2017", [dog, cat]],
    ["COCO captions", { ...coco("train2014"), ...coco("train2017") }, "train", "train2017", [dog, cat]],
    ["COCO captions", { ...coco("train2014"), ...coco("train2017") }, "train2014", "train2014", [dog, cat]],
  ])("%s from %j, asked for %s", async (layout, files, wanted, split, pictures) => {
    expect(await open(files, wanted)).toEqual({ layout, split, pictures, skipped: [] });
  });

  test("an archive, and pictures in images/", async () => {
    const files = { ...coco("val2017"), "images/val2017/a.jpg": "" };
    const entries = Object.entries(files).map(([name, content]) => ({ name: `coco/${name}`, content }));
    await putFiles(dir, { "coco.tgz": makeTarGz(entries.filter(({ name }) => !name.startsWith("coco/val2017"))) });
    const { pictures } = await openCaptionSplit(join(dir, "coco.tgz"), "val", { cache: join(dir, "cache") });
    expect(pictures).toEqual([cat]);
  });
});

describe("tells and skips", () => {
  test("captions without a picture, pictures without a caption, lines that say nothing", async () => {
    const text = `${tokens}gone.jpg#0\tNobody\nempty.jpg#0\t\nnonsense\n`;
    const more = { "Flickr8k.token.txt": text, "images/mute.jpg": "", "images/empty.jpg": "" };
    const { pictures, skipped } = await open({ ...flat, ...more }, "all");
    expect(pictures).toEqual([dog, cat]);
    expect(skipped).toEqual([
      { name: "empty.jpg", reason: expect.stringContaining("without a word") },
      { name: "nonsense", reason: expect.stringContaining("expected a line") },
      { name: "gone.jpg", reason: expect.stringContaining("1 captions alone") },
      { name: "empty.jpg", reason: expect.stringContaining("picture alone") },
      { name: "mute.jpg", reason: expect.stringContaining("picture alone") },
    ]);
  });

  test("what a split's list names and nobody has, a path out of the folder too", async () => {
    const more = { "Flickr_8k.devImages.txt": "a.jpg\nnone.jpg\n../Flickr8k.token.txt\n" };
    const { pictures, skipped } = await open({ ...flat, ...more }, "dev");
    expect(pictures).toEqual([cat]);
    expect(skipped.map(({ name }) => name)).toEqual(["none.jpg", "../Flickr8k.token.txt"]);
  });

  test("COCO's the same, and a caption of no picture", async () => {
    const said = {
      images: [...annotations.images, { id: 9, file_name: "gone.jpg" }],
      annotations: [...annotations.annotations, { image_id: 9, caption: "x" }, { image_id: 5, caption: "y" }],
    };
    const { pictures, skipped } = await open({ ...coco("val2017", said), "val2017/mute.jpg": "" }, "val");
    expect(pictures).toEqual([dog, cat]);
    expect(skipped.map(({ name }) => name)).toEqual(["image_id 5", "gone.jpg", "mute.jpg"]);
  });
});

describe("refuses, and says why,", () => {
  test.each([
    ["another folder", { "x.txt": "" }, "train", "source-not-found", /looked for Flickr8k.*found another folder/],
    ["a split that has no list", kaggle, "val", "source-not-found", /expected a split val, found all/],
    ["a split without annotations", coco("train2017"), "val", "source-not-found", /split val, found train2017/],
    ["captions without pictures", { "captions.txt": "a.jpg,x\n" }, "all", "source-not-found", /no such folder/],
    [
      "annotations without pictures",
      { "annotations/captions_val2017.json": "{}" },
      "val",
      "source-not-found",
      /val2017/,
    ],
    ["none that fits", { ...kaggle, "captions.txt": "z.jpg,x" }, "all", "source-not-found", /such as z.jpg/],
    [
      "JSON cut short",
      { ...coco("val2017"), "annotations/captions_val2017.json": '{"images' },
      "val",
      "config-malformed",
      /no JSON/,
    ],
    ["JSON of another kind", coco("val2017", { images: [{ id: "7" }] }), "val", "config-malformed", /images\.0\.id/],
  ])("%s", async (_, files: Record<string, string>, split, code, message) => {
    await expect(open(files, split)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("nothing there", async () => {
    await expect(openCaptionSplit(join(dir, "none"), "val")).rejects.toThrow("found nothing there");
  });
});
