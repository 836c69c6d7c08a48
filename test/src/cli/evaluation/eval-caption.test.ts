import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readVocabulary } from "../../../../worker/text/vocabulary.ts";
import { expectedOf, goldenJson } from "../../../worker/runtime/captioner/captioner-folders.ts";
import { putFiles } from "../../../datasets/put-files.ts";
import { run } from "../run-command.ts";

const MODEL = "test/golden/captioner-folders/recurrent";

let folder: string;
let sentences: string[]; // PyTorch's greedy ones about the pictures of Images
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-eval-caption-"));
  const { pictures, greedy } = await expectedOf("recurrent");
  await mkdir(join(folder, "Images"));
  for (const [at, { data, width, height }] of pictures.entries()) {
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, "Images", `${at}.png`));
  }
  const tokenizer = readVocabulary(await goldenJson("captioner-folders/recurrent/vocabulary.json"));
  sentences = greedy.map((tokens) => tokenizer.decode(tokens));
});
afterEach(() => rm(folder, { recursive: true }));

const evaluate = (...words: string[]) =>
  run("eval", "caption", "--model", MODEL, "--beams", "1", "--max-words", "8", "--data", folder, "--json", ...words);

/** Flickr8k as Kaggle publishes it. */
const putCaptions = (captions: readonly (readonly [picture: string, caption: string])[]) =>
  putFiles(folder, { "captions.txt": `image,caption\n${captions.map((row) => `${row.join(",")}\n`).join("")}` });

describe("the result line", () => {
  test("what people wrote word for word is right by every measure", async () => {
    await putCaptions([
      ["0.png", `${sentences[0]!.toUpperCase()} .`],
      ["0.png", "something else entirely"],
      ["1.png", sentences[1]!],
    ]);
    const { exit, lines } = await evaluate("--split", "all");
    expect(exit).toBe(0);
    expect(lines).toHaveLength(1);
    const line = lines[0] as Record<string, unknown> & { bleu: number[]; ciderD: number };
    expect(Object.keys(line).join()).toBe(
      "n,bleu,rougeL,ciderD,meteorExactStem,rougeLInterval,ciderDInterval,seconds,layout,split,failed,skipped",
    );
    expect(line).toMatchObject({
      n: 2,
      rougeL: 1,
      meteorExactStem: 1,
      layout: "Flickr8k",
      split: "all",
      failed: 0,
      skipped: 0,
    });
    for (const bleu of line.bleu) expect(bleu).toBeCloseTo(1, 6);
    expect(line.ciderD).toBeGreaterThan(1);
  });

  test("counts runs of words as BLEU does: of the first sentence two words of eight stand in the reference", async () => {
    await putCaptions([["0.png", "on on two balls asleep in red grass"]]); // the sentence: on cat on on on on on on
    const { lines } = await evaluate("--split", "all");
    const { bleu } = lines[0] as { bleu: number[] };
    expect(sentences[0]).toBe("on cat on on on on on on");
    expect(bleu[0]).toBeCloseTo(2 / 8, 6);
    expect(bleu[1]).toBeCloseTo(Math.sqrt((2 / 8) * (1 / 7)), 6);
    expect(bleu[2]).toBeCloseTo(0, 3);
  });

  test("a broken picture has its own line and is not judged; what has no picture is told", async () => {
    await writeFile(join(folder, "Images/broken.png"), "no picture");
    await putCaptions([
      ["0.png", sentences[0]!],
      ["broken.png", "a dog"],
      ["gone.png", "a cat"],
    ]);
    const { exit, lines, errors } = await evaluate("--split", "all");
    expect(exit).toBe(1);
    expect(lines).toMatchObject([
      { file: join(folder, "Images/broken.png"), error: { code: "image-unknown-format" } },
      { n: 1, failed: 1, skipped: 2 }, // 1.png without captions, gone.png without picture
    ]);
    expect(errors.join()).toContain("gone.png");
  });

  test("reads COCO's layout, and prints text for people", async () => {
    await putFiles(folder, {
      "annotations/captions_val2017.json": JSON.stringify({
        images: [{ id: 1, file_name: "0.png" }],
        annotations: [{ id: 1, image_id: 1, caption: sentences[0] }],
      }),
    });
    await mkdir(join(folder, "val2017"));
    await sharp(join(folder, "Images/0.png")).toFile(join(folder, "val2017/0.png"));
    const { lines } = await evaluate("--split", "val");
    expect(lines).toMatchObject([{ n: 1, layout: "COCO captions", split: "val2017", rougeL: 1 }]);
    const people = await run("eval", "caption", "--model", MODEL, "--data", folder, "--max-words", "8");
    expect(people.lines.join("\n")).toMatch(
      /recurrent on .*COCO captions.*1 pictures, 0 failed[^]*BLEU-4 +\d\.\d{4}[^]*CIDEr-D/,
    );
  });
});

describe("refused", () => {
  test("no such data set; nothing that could be judged", async () => {
    const none = await evaluate("--split", "all");
    expect(none).toMatchObject({ exit: 1, lines: [{ file: folder, error: { code: "source-not-found" } }] });
    await writeFile(join(folder, "Images/broken.png"), "no picture");
    await putCaptions([["broken.png", "a dog"]]);
    const { lines } = await evaluate("--split", "all");
    expect(lines.at(-1)).toMatchObject({ file: folder, error: { code: "source-unsupported" } });
  });

  test.each([
    [["eval", "captions"], "classify or caption"],
    [["eval", "caption", "--data", "x", "--confusion", "y.csv"], "confusion is an option of eval classify"],
    [["eval", "caption", "--data", "x", "--mistakes", "3"], "mistakes is an option of eval classify"],
    [["eval", "classify", "--data", "x", "--beams", "3"], "beams is an option of eval caption"],
    [["eval", "caption", "--data", "x", "--beams", "0"], "beams"],
    [["eval", "caption"], "--data: expected one value"],
    [["eval", "caption", "--data", "x", "--seed", "3"], "--seed"],
  ])("a wrong call ends with 2: %s", async (words, told) => {
    const { exit, errors } = await run(...words);
    expect([exit, errors.join()]).toEqual([2, expect.stringContaining(told)]);
  });
});
