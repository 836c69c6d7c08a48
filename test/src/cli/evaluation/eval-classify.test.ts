import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Prediction } from "../../../../worker/contract/api.ts";
import { cifarRecord, joinRecords } from "../../../datasets/cifar-records.ts";
import { putFiles } from "../../../datasets/put-files.ts";
import { run } from "../run-command.ts";

const MODEL = "test/golden/vit-hf"; // ten classes, "class 0" to "class 9"

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "patchlight-eval-"))));
afterEach(() => rm(folder, { recursive: true }));

const evaluate = (...words: string[]) => run("eval", "classify", "--model", MODEL, "--json", ...words);

async function picture(): Promise<string> {
  const create = { width: 20, height: 20, channels: 3 as const, background: { r: 200, g: 40, b: 90 } };
  const file = join(folder, "any.png");
  await sharp({ create }).png().toFile(file);
  return file;
}

/** What the model says of `file`, best first, as `classify` tells it. */
async function ranked(file: string): Promise<Prediction[]> {
  const { lines } = await run("classify", file, "--model", MODEL, "--json", "--top-k", "10");
  return (lines[0] as { predictions: Prediction[] }).predictions;
}

/** One and the same picture in a folder of each of the model's classes: right once, among the first five five times. */
async function onePictureEach(): Promise<{ answers: Prediction[]; file: (rank: number) => string }> {
  const source = await picture();
  const answers = await ranked(source);
  const file = (rank: number): string => join(folder, "val", answers[rank]!.label, `${rank}.png`);
  for (const rank of answers.keys()) await cp(source, file(rank), { recursive: true });
  return { answers, file };
}

describe("the result line", () => {
  test("counts right answers and comes last; a broken picture has its own line and is not counted", async () => {
    const { answers, file } = await onePictureEach();
    const broken = join(file(0), "../broken.png");
    await writeFile(broken, "no picture");
    const { exit, lines } = await evaluate("--data", folder);
    expect(exit).toBe(1);
    const calibrationError = Math.abs(answers[0]!.score - 0.1); // all ten in one bin
    expect(lines).toMatchObject([
      { file: broken, error: { code: "image-unknown-format" } },
      { n: 10, top1: 0.1, top5: 0.5, calibrationError: expect.closeTo(calibrationError, 6), failed: 1 },
    ]);
    const { top1Interval, top5Interval, seconds } = lines[1] as Record<string, [number, number]>;
    expect(top1Interval).toEqual([0, 0.3]); // of 10 draws at 0.1: P(0) = 0.35, P(≤ 2) = 0.93, P(≤ 3) = 0.987
    expect(top5Interval![0]).toBeGreaterThanOrEqual(0.1); // P(≤ 0) = 0.001
    expect(top5Interval![1]).toBeLessThanOrEqual(0.9);
    expect(seconds).toBeGreaterThan(0);
  });

  test("comes after what was left out, which is told once by ending", async () => {
    const { file } = await onePictureEach();
    for (const name of ["a.HEIC", "b.heic", "c.tif"]) await writeFile(join(file(0), "..", name), "");
    const { exit, lines, errors } = await evaluate("--data", folder);
    expect(exit).toBe(0);
    expect(lines).toMatchObject([{ n: 10, failed: 0 }]);
    const told = errors.filter((line) => line.startsWith("Left out"));
    expect(told).toEqual(["Left out of val: 2 .heic, 1 .tif (not read; save them as JPEG or PNG)"]);
  });

  test("is the same for the data set's archive, which is unpacked where the environment keeps such things", async () => {
    await onePictureEach();
    execFileSync("tar", ["-czf", join(folder, "data.tgz"), "-C", folder, "val"]);
    vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
    try {
      const { exit, lines } = await evaluate("--data", join(folder, "data.tgz"));
      expect(exit).toBe(0);
      expect(lines).toMatchObject([{ n: 10, top1: 0.1, top5: 0.5, layout: "image folder", split: "val", failed: 0 }]);
      expect(await readdir(join(folder, "cache/patchlight/data-sets"))).toHaveLength(1);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("has its fields in a fixed order and says how classes were matched", async () => {
    await onePictureEach();
    const { exit, lines } = await evaluate("--data", folder);
    expect(exit).toBe(0);
    expect(Object.keys(lines[0] as object).join()).toBe(
      "n,top1,top5,top1Interval,top5Interval,calibrationError,seconds,classesBy,layout,split,failed,emptyClasses",
    );
    expect(lines).toMatchObject([{ classesBy: "name", layout: "image folder", split: "val", emptyClasses: [] }]);
  });

  test("names the worst mistakes where they are asked for", async () => {
    const { answers, file } = await onePictureEach();
    const [best] = answers;
    const { lines } = await evaluate("--data", folder, "--mistakes", "20");
    const { mistakes } = lines[0] as { mistakes: { file: string }[] };
    expect(mistakes).toHaveLength(9);
    expect(mistakes).toContainEqual({
      file: file(3),
      label: answers[3]!.label,
      predicted: best!.label,
      score: expect.closeTo(best!.score, 6),
    });
  });
});

describe("with labels that mean one thing to people", () => {
  /** The model with groups of its answers, by their ranks on the picture. */
  async function grouped(answers: readonly Prediction[], ...groups: number[][]): Promise<string> {
    const model = await mkdtemp(join(folder, "model-"));
    await cp(MODEL, model, { recursive: true });
    const config = JSON.parse(await readFile(join(MODEL, "config.json"), "utf8")) as object;
    const label_groups = groups.map((ranks) => ranks.map((rank) => answers[rank]!.label));
    await writeFile(join(model, "config.json"), JSON.stringify({ ...config, label_groups }));
    return model;
  }

  test("an answer of the right class's group counts in numbers of their own", async () => {
    const { answers } = await onePictureEach();
    const model = await grouped(answers, [2, 0, 8], [6, 7], [4, 9]);
    const { lines } = await run("eval", "classify", "--model", model, "--data", folder, "--json");
    // right at first: 0, 2, 8; among five: those, 1, 3, 4, 9
    expect(lines).toMatchObject([{ n: 10, top1: 0.1, top5: 0.5, top1Grouped: 0.3, top5Grouped: 0.7 }]);
    expect(Object.keys(lines[0] as object).join()).toContain(
      "seconds,top1Grouped,top5Grouped,top1GroupedInterval,top5GroupedInterval,labelGroups,classesBy",
    );
    const { top1GroupedInterval: interval, labelGroups } = lines[0] as Record<string, unknown[]>;
    expect(interval![0]).toBeLessThanOrEqual(0.1); // of 10 draws at 0.3: P(≤ 0) = 0.028, P(≤ 1) = 0.15
    expect(interval![1]).toBeCloseTo(0.6, 6); // P(≤ 5) = 0.953, P(≤ 6) = 0.989
    expect(labelGroups![1]).toEqual([answers[6]!.label, answers[7]!.label]);
    const told = await run("eval", "classify", "--model", model, "--data", folder);
    expect(told.lines[0]).toMatch(/top-1, grouped +30\.00 % +\(95 % interval \d+\.00 to 60\.00 %\)\n/);
    expect(told.lines[0]).toContain(`${answers[2]!.label}, ${answers[0]!.label} or ${answers[8]!.label};`);
  });

  test("a class counts that the data set lacks", async () => {
    const source = await picture();
    const answers = await ranked(source);
    await cp(source, join(folder, "val", answers[7]!.label, "x.png"), { recursive: true });
    for (const [group, top1Grouped, top5Grouped] of [
      [[0, 7], 1, 1],
      [[7, 3], 0, 1],
      [[0, 3], 0, 0],
    ] as const) {
      const model = await grouped(answers, [...group]);
      const { lines } = await run("eval", "classify", "--model", model, "--data", folder, "--json");
      expect(lines).toMatchObject([{ top1: 0, top5: 0, top1Grouped, top5Grouped }]);
    }
  });

  test("classify tells for people what two of its answers come to together", async () => {
    const source = await picture();
    const answers = await ranked(source);
    const call = ["classify", source, "--model", await grouped(answers, [1, 0], [2, 9])];
    const { lines } = await run(...call);
    const [first, second] = answers;
    const together = ((first!.score + second!.score) * 100).toFixed(1);
    const rows = (lines[0] as string).split("\n");
    expect(rows.slice(6)).toEqual([`  ${first!.label} or ${second!.label}: ${together} % together`]);
    const { lines: json } = await run(...call, "--json");
    expect(json).toEqual([{ file: source, model: expect.any(String), predictions: expect.any(Array) }]);
  });
});

describe("classes", () => {
  test("fewer than the model's are matched by name; an empty one is named and counted", async () => {
    const source = await picture();
    const [best, , third] = await ranked(source);
    await cp(source, join(folder, "val", third!.label, "x.png"), { recursive: true });
    await mkdir(join(folder, "val", best!.label));
    const csv = join(folder, "confusion.csv");
    const { exit, lines, errors } = await evaluate("--data", folder, "--confusion", csv);
    expect({ exit, errors }).toEqual({ exit: 0, errors: [`Classes without a picture: ${best!.label}`] });
    expect(lines).toMatchObject([{ n: 1, top1: 0, top5: 1, classesBy: "name", emptyClasses: [best!.label] }]);
    const [first, second] = [best!.label, third!.label].sort();
    const row = (label: string): string =>
      `${label},${label === best!.label ? "0,0" : [first, second].map((to) => Number(to === best!.label)).join()}`;
    expect(await readFile(csv, "utf8")).toBe(`label,${first},${second}\n${row(first!)}\n${row(second!)}\n`);
  });

  test("a class that the model answers though the data set lacks it has a column of its own", async () => {
    const source = await picture();
    const [best, , third] = await ranked(source);
    await cp(source, join(folder, "val", third!.label, "x.png"), { recursive: true });
    const csv = join(folder, "confusion.csv");
    await evaluate("--data", folder, "--confusion", csv);
    expect(await readFile(csv, "utf8")).toBe(`label,${third!.label},${best!.label}\n${third!.label},0,1\n`);
  });

  test("of other names are matched by position where there are as many", async () => {
    const records = Array.from({ length: 20 }, (_, at) => cifarRecord([at % 10], (x, y) => [x * 8, y * 8, at * 10]));
    const names = Array.from({ length: 10 }, (_, at) => `thing ${at}`).join("\n");
    await putFiles(folder, { "batches.meta.txt": names, "test_batch.bin": joinRecords(...records) });
    const { exit, lines } = await evaluate("--data", folder, "--mistakes", "1");
    expect(exit).toBe(0);
    expect(lines).toMatchObject([{ n: 20, classesBy: "position", layout: "CIFAR-10", split: "test" }]);
    const { mistakes } = lines[0] as { mistakes: { file: string; label: string }[] };
    const at = Number(/test_batch\.bin#(\d+)$/.exec(mistakes[0]!.file)![1]);
    expect(mistakes[0]!.label).toBe(`class ${at % 10}`);
  });

  test.each([
    ["fewer", []],
    [
      "as many, one that the model knows among them in another place",
      Array.from({ length: 9 }, (_, at) => `class ${at}`),
    ],
  ])("that fit neither way are an error which names some: %s", async (_, known) => {
    for (const name of ["a newt", ...known]) {
      await cp(await picture(), join(folder, "val", name, "x.png"), { recursive: true });
    }
    const { exit, lines } = await evaluate("--data", folder);
    expect(exit).toBe(1);
    expect(lines).toMatchObject([{ error: { code: "invalid-argument", message: expect.stringContaining("newt") } }]);
  });
});

test("CIFAR's records score as the same pixels in picture files do", async () => {
  const colour = (x: number, y: number) => [x * 8, y * 8, (x * y) % 256];
  const pixels = Uint8Array.from({ length: 3072 }, (_, at) => {
    const place = Math.floor(at / 3);
    return colour(place % 32, Math.floor(place / 32))[at % 3]!;
  });
  const file = join(folder, "same.png");
  await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toFile(file);
  const [best] = await ranked(file);
  const wrong = (best!.index + 1) % 10;
  const names = Array.from({ length: 10 }, (_, at) => `class ${at}`).join("\n");
  await putFiles(folder, { "batches.meta.txt": names, "test_batch.bin": cifarRecord([wrong], colour) });
  const { lines } = await evaluate("--data", folder, "--mistakes", "1");
  const { mistakes } = lines[0] as { mistakes: { predicted: string; score: number }[] };
  expect(mistakes).toMatchObject([{ predicted: best!.label, score: expect.closeTo(best!.score, 6) }]);
});

test("without --json people read the same numbers, and which classes are confused", async () => {
  const { answers } = await onePictureEach();
  const { lines } = await run("eval", "classify", "--model", MODEL, "--data", folder, "--mistakes", "1");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("10 pictures of 10 classes, matched by name, 0 failed");
  expect(lines[0]).toMatch(/top-1 +10\.00 % +\(95 % interval 0\.00 to 30\.00 %\)/);
  expect(lines[0]).toMatch(/top-5 +50\.00 %/);
  expect((lines[0] as string).match(/taken for/g)).toHaveLength(5);
  expect(lines[0]).toContain(`taken for ${answers[0]!.label}`);
  expect(lines[0]).toMatch(/worst mistakes\n.* is class \d/);
});

describe("is an error, and no result line, where", () => {
  const failsWith = async (words: string[], code: string, message: RegExp): Promise<void> => {
    const { exit, lines } = await evaluate(...words);
    expect(exit).toBe(1);
    const file = words[words.indexOf(code === "invalid-argument" ? "--confusion" : "--data") + 1];
    expect(lines.at(-1)).toMatchObject({ file, error: { code, message: expect.stringMatching(message) } });
  };

  test("every picture fails", async () => {
    await putFiles(folder, { "val/class 1/a.png": "no", "val/class 2/b.png": "" });
    await failsWith(["--data", folder], "source-unsupported", /all 2 failed/);
  });

  test("there is no such split, or --data is a file", async () => {
    await putFiles(folder, { "train/class 1/a.png": "" });
    await failsWith(["--data", folder, "--split", "none"], "source-not-found", /split none, found train/);
    await failsWith(["--data", join(folder, "train/class 1/a.png")], "source-not-found", /got a file/);
  });

  test("the confusion matrix has no folder to go to", async () => {
    await onePictureEach();
    const words = ["--data", folder, "--confusion", join(folder, "none/c.csv")];
    await failsWith(words, "invalid-argument", /--confusion/);
  });
});

test("a confusion matrix that cannot be written is told, and the numbers all the same", async () => {
  await onePictureEach();
  const { exit, lines } = await evaluate("--data", folder, "--confusion", join(folder, "val"));
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ file: join(folder, "val"), error: {} }, { n: 10 }]);
});
