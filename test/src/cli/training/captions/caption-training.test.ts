import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { initialAttentionCnn } from "../../../../../worker/training/attention-cnn/initial-attention-cnn.ts";
import { createRandom } from "../../../../../worker/contract/random.ts";
import { writeModelFolder } from "../../../../../worker/checkpoint/write/write-model-folder.ts";
import { run } from "../../run-command.ts";
import { keptFolder, scratchFolder, writeRecipe } from "../training-folders.ts";

const COLOURS = { red: [220, 30, 30], green: [30, 200, 40], blue: [40, 50, 220] } as const;
const NAMES = Object.keys(COLOURS) as (keyof typeof COLOURS)[];
const SIDE = 16; // pixels

type Picture = { readonly file: string; readonly caption: string };

/** A data set in Flickr8k's layout: the left half and the right half of each picture are of a colour. */
async function drawHalves(folder: string): Promise<Picture[]> {
  const pictures: Picture[] = [];
  await mkdir(join(folder, "Images"));
  for (let at = 0; at < 12; at++) {
    const [left, right] = [NAMES[Math.floor(at / 3) % 3]!, NAMES[at % 3]!];
    const shade = at < 9 ? 0 : 12; // the last three are those of the first row, a little brighter
    const pixels = Array.from({ length: SIDE * SIDE }, (_, pixel) => COLOURS[pixel % SIDE < SIDE / 2 ? left : right]);
    const data = Uint8Array.from(pixels.flat(), (value) => value + shade);
    const file = `${at}.png`;
    await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toFile(join(folder, "Images", file));
    pictures.push({ file, caption: `${left} beside ${right}` });
  }
  await writeFile(
    join(folder, "Flickr8k.token.txt"),
    lines(pictures.flatMap(({ file, caption }) => [0, 1, 2].map((at) => `${file}#${at}\t${caption} .`))),
  );
  await writeFile(join(folder, "Flickr_8k.trainImages.txt"), lines(pictures.map(({ file }) => file)));
  await writeFile(join(folder, "Flickr_8k.devImages.txt"), lines(pictures.slice(0, 9).map(({ file }) => file)));
  return pictures;
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

/** A CNN that has learned nothing: its random features tell colours apart well enough. */
async function writeEncoder(folder: string): Promise<void> {
  const config = {
    imageSize: { width: SIDE, height: SIDE },
    channels: 3,
    stem: { channels: 8, stride: 2 },
    stages: [{ channels: 8, blocks: 1, stride: 2 }],
    activation: "relu",
    batchNormEpsilon: 1e-5,
    attention: null,
    classes: 2,
  } as const;
  const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
  const files = writeModelFolder(
    {
      type: "attention-cnn",
      config,
      labels: ["this", "that"],
      rawConfig: null,
      parameters: initialAttentionCnn(config, createRandom(1)),
      recipe: {
        resize: { kind: "exact", width: SIDE, height: SIDE },
        filter: "bilinear",
        crop: null,
        rescale: 1 / 255,
        normalise: half,
      },
    },
    { name: "eyes", summary: "", data: "", dataLicence: "", recipe: "", accuracy: null, limits: "" },
  );
  await mkdir(folder);
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
}

let [folder, data, eyes] = ["", "", ""];
let pictures: Picture[] = [];
beforeAll(async () => {
  folder = await keptFolder();
  [data, eyes] = [join(folder, "data"), join(folder, "eyes")];
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  await mkdir(data);
  pictures = await drawHalves(data);
  await writeEncoder(eyes);
});

const recipeWith = (other: Readonly<Record<string, unknown>> = {}, model: Readonly<Record<string, unknown>> = {}) => ({
  model: {
    kind: "recurrent-captioner",
    encoder: eyes,
    pooling: 2,
    embeddingSize: 8,
    hiddenSize: 24,
    alignmentSize: 8,
    minimum: 2,
    ...model,
  },
  data: { batch: 12 },
  captions: { lookEverywhere: 0.1 },
  learning: {
    epochs: 24,
    rate: 0.02,
    optimiser: { kind: "adam" },
    decay: 0,
    schedule: { kind: "constant" },
    labelSmoothing: 0,
  },
  ...other,
});

async function trained(recipe: unknown, output: string) {
  const file = await writeRecipe(await scratchFolder(), recipe);
  return run("train", "--recipe", file, "--data", data, "--output", output, "--json");
}

test("trains on twelve pictures, and caption, eval caption and inspect read what it wrote", async () => {
  const output = join(await scratchFolder(), "halves");
  const { exit, lines: told } = await trained(recipeWith(), output);
  expect(exit).toBe(0);
  const best = { pictures: 9, loss: expect.any(Number), score: expect.any(Number) };
  expect(told.at(-1)).toMatchObject({ epochs: 24, best });
  expect((await readdir(output)).sort()).toEqual([
    "README.md",
    "config.json",
    "model.safetensors",
    "preprocessor_config.json",
    "training-log.jsonl",
    "vocabulary.json",
  ]);
  expect(await readdir(join(folder, "cache/patchlight/features"))).toHaveLength(1);

  const files = pictures.map(({ file }) => join(data, "Images", file));
  const said = await run("caption", ...files, "--model", output, "--beams", "1", "--json");
  expect(said.lines).toMatchObject(pictures.map(({ caption }) => ({ caption })));

  const judged = await run(
    "eval",
    "caption",
    "--model",
    output,
    "--data",
    data,
    "--split",
    "dev",
    "--beams",
    "1",
    "--json",
  );
  const { score } = (told.at(-1) as { best: { score: number } }).best;
  expect(judged.lines.at(-1)).toMatchObject({ n: 9, ciderD: expect.closeTo(score, 5) });

  expect(await run("inspect", "--model", output)).toMatchObject({ exit: 0 });
});

test("a run by given and own words, then by reward, goes on from where it was stopped", async () => {
  const recipe = recipeWith({
    captions: { ownWords: { rise: 0.25, most: 0.5 }, rewarded: 1, samples: 3, lookEverywhere: 0.3 },
    learning: { epochs: 4, rate: 0.01, dropout: 0.2, average: 0.9 },
    data: { batch: 12 },
  });
  const folders = [join(await scratchFolder(), "whole"), join(await scratchFolder(), "parts")] as const;
  expect(await trained(recipe, folders[0])).toMatchObject({ exit: 0 });
  const going = trained(recipe, folders[1]);
  const log = join(folders[1], "training-log.jsonl");
  while (!(await readFile(log, "utf8").catch(() => "")).includes('"epoch"'))
    await new Promise((next) => setTimeout(next, 5));
  process.emit("SIGTERM");
  await going;
  expect(await trained(recipe, folders[1])).toMatchObject({ exit: 0 });
  const [whole, parts] = await Promise.all(folders.map((one) => readFile(join(one, "model.safetensors"))));
  expect(parts!.equals(whole!)).toBe(true);
  expect(await readFile(log, "utf8")).toBe(await readFile(join(folders[0], "training-log.jsonl"), "utf8"));
});

test("a Transformer learns and is written as well", async () => {
  const output = join(await scratchFolder(), "transformer");
  const measures = { embeddingSize: undefined, alignmentSize: undefined, layers: 1, heads: 2, intermediateSize: 16 };
  const model = { kind: "transformer-captioner", ...measures };
  const recipe = recipeWith({ learning: { epochs: 2 }, dtype: "F16", data: { batch: 12, validation: null } }, model);
  expect(await trained(recipe, output)).toMatchObject({ exit: 0, lines: [{ epoch: 1 }, { epoch: 2 }, { epochs: 2 }] });
  const [picture] = pictures.map(({ file }) => join(data, "Images", file));
  expect(await run("caption", picture!, "--model", output, "--json")).toMatchObject({ exit: 0 });
});

test.each([
  ["classifier", "dinov2"],
  ["registers", "dinov2_with_registers"],
])("DINOv2 reads pictures before it, and is written with it: %s", async (name, model_type) => {
  const output = join(await scratchFolder(), name);
  const encoder = `test/golden/dinov2/${name}`; // its positions are for larger pictures
  const { exit, lines: told } = await trained(recipeWith({}, { encoder }), output);
  expect(exit).toBe(0);
  const inspected = await run("inspect", "--model", output, "--json");
  expect(inspected.lines).toMatchObject([{ problems: [], config: { encoder: { model_type, image_size: 42 } } }]);
  const call = ["--model", output, "--data", data, "--split", "dev", "--beams", "1", "--json"];
  const { score } = (told.at(-1) as { best: { score: number } }).best;
  const judged = await run("eval", "caption", ...call);
  expect(judged.lines.at(-1)).toMatchObject({ n: 9, ciderD: expect.closeTo(score, 5) });
});

describe("refuses", () => {
  const CASES: [string, () => unknown, RegExp][] = [
    [
      "an unknown key",
      () => recipeWith({ captions: { scheduled: 1 } }),
      /captions\.scheduled: there is no such setting/,
    ],
    ["what pictures' recipes know alone", () => recipeWith({ augment: {} }), /augment: there is no such setting/],
    ["a wrong alignment", () => recipeWith({}, { alignment: "cosine" }), /model\.alignment: wanted/],
    ["one sample, which has no others", () => recipeWith({ captions: { samples: 1 } }), /captions\.samples/],
    [
      "a pooling that does not fit",
      () => recipeWith({}, { pooling: 3 }),
      /model\.pooling: wanted a divisor of .* got 3/,
    ],
    ["words that nobody says so often", () => recipeWith({}, { minimum: 100 }), /words that occur 100 times/],
  ];
  test.each(CASES)("%s", async (_, recipe, message) => {
    const { exit, lines: told } = await trained(recipe(), join(await scratchFolder(), "none"));
    expect(exit).not.toBe(0);
    expect(JSON.stringify(told)).toMatch(message);
  });
});

test("a picture without captions and one that is none are told, and the rest is learned from", async () => {
  const other = join(await scratchFolder(), "data");
  await cp(data, other, { recursive: true });
  await writeFile(join(other, "Images", "mute.png"), await readFile(join(data, "Images", "0.png")));
  await writeFile(join(other, "Images", "1.png"), "no picture");
  await writeFile(join(other, "Flickr_8k.trainImages.txt"), lines(["0.png", "1.png", "2.png", "mute.png"]));
  const recipe = recipeWith({ learning: { epochs: 1 }, data: { batch: 2, validation: null } });
  const file = await writeRecipe(await scratchFolder(), recipe);
  const output = join(await scratchFolder(), "model");
  const {
    exit,
    lines: told,
    errors,
  } = await run("train", "--recipe", file, "--data", other, "--output", output, "--json");
  expect(exit).toBe(1);
  expect(errors.join("\n")).toMatch(/Left out of train: mute\.png \(expected captions/);
  expect(told[0]).toMatchObject({ file: join(other, "Images", "1.png"), error: { code: "image-unknown-format" } });
  expect(told.at(-1)).toMatchObject({ epochs: 1, output });
});
