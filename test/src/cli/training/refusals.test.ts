import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { putFiles } from "../../../datasets/put-files.ts";
import { run } from "../run-command.ts";
import { drawShapes } from "./shapes.ts";
import {
  keptFolder,
  NEW_CNN,
  NEW_VIT,
  schemeOnDisk,
  scratchFolder,
  tinyRecipe,
  writeRecipe,
} from "./training-folders.ts";

const VIT = "test/golden/vit-hf";

let shapes: string;
beforeAll(async () => {
  shapes = await keptFolder();
  await drawShapes(shapes, 5);
});

type Failed = { readonly file: string; readonly error: { readonly code: string; readonly message: string } };

/** Trains by a recipe; where `output` is not given, in a new folder. */
async function train(recipe: unknown, { data = shapes, output = "" } = {}) {
  const folder = output === "" ? join(await scratchFolder(), "model") : output;
  const file = await writeRecipe(await scratchFolder(), recipe);
  const answer = await run("train", "--recipe", file, "--data", data, "--output", folder, "--json");
  return { ...answer, file, output: folder };
}

/** Nothing but one error of this code and message, and no folder with a model. */
async function refused(
  recipe: unknown,
  code: string,
  message: RegExp,
  where: { data?: string; output?: string } = {},
): Promise<void> {
  const { exit, lines, output } = await train(recipe, where);
  expect(lines).toMatchObject([{ error: { code, message: expect.stringMatching(message) } }]);
  expect(exit).toBe(1);
  const left: string[] = where.output === undefined ? await readdir(output).catch(() => []) : [];
  expect(left.filter((file) => /safetensors|config/.test(file))).toEqual([]);
}

describe("a recipe is refused that", () => {
  const cases: [string, unknown, RegExp][] = [
    ["is no JSON", "{ model: ", /wanted JSON, got/],
    ["is no object", "3", /recipe\.json: the recipe: wanted Object, got 3/],
    ["has a setting that there is not", tinyRecipe({ epoch: 3 }), /recipe\.json: epoch: there is no such setting/],
    ["has one inside another", tinyRecipe({ learning: { lr: 3 } }), /learning\.lr: there is no such setting/],
    ["has a word for a number", tinyRecipe({ data: { batch: "8" } }), /data\.batch: wanted number, got "8"/],
    ["has no model", tinyRecipe({ model: undefined }), /recipe\.json: model: it is missing/],
    ["has no epochs", tinyRecipe({ learning: { epochs: 0 } }), /learning\.epochs: wanted >=1, got 0/],
    ["does not move", tinyRecipe({ learning: { rate: 0 } }), /learning\.rate: wanted >0, got 0/],
    [
      "has another kind of optimiser",
      tinyRecipe({ learning: { optimiser: { kind: "lion" } } }),
      /learning\.optimiser\.kind: wanted .*"sgd".*, got "lion"/,
    ],
    [
      "crops from large to small",
      tinyRecipe({ augment: { crop: { scale: [1, 0.5], ratio: [1, 1] } } }),
      /augment\.crop\.scale: a smaller number first/,
    ],
    [
      "has a teacher that is not followed",
      tinyRecipe({ teacher: VIT }),
      /teacher and learning\.distillation together, got teacher alone/,
    ],
    [
      "follows no teacher",
      tinyRecipe({ learning: { distillation: { kind: "hard", weight: 0.5 } } }),
      /together, got learning\.distillation alone/,
    ],
    [
      "has heads that do not fit",
      tinyRecipe({ model: { ...NEW_VIT, heads: 5 } }),
      /model\.hiddenSize: wanted a multiple of 5 heads, got 12/,
    ],
    [
      "has patches that do not fit",
      tinyRecipe({ model: { ...NEW_VIT, patchSize: 12 } }),
      /model\.imageSize: wanted a multiple of patches of 12 pixels, got 16/,
    ],
    [
      "attends behind the last stage",
      tinyRecipe({ model: { ...NEW_CNN, attention: { ...NEW_CNN.attention, afterStage: 1 } } }),
      /model\.attention\.afterStage: wanted a stage from 0 to 0, got 1/,
    ],
    [
      "has a teacher of other pixels",
      tinyRecipe({ teacher: VIT, learning: { distillation: { kind: "hard", weight: 0.5 } } }),
      /teacher: wanted a model with the student's image size and pixel recipe, got test\/golden\/vit-hf/,
    ],
    [
      "has a teacher of other classes",
      tinyRecipe({
        model: { kind: "start", from: VIT },
        teacher: VIT,
        learning: { distillation: { kind: "hard", weight: 0.5 } },
      }),
      /teacher: wanted a model with the classes of the pictures, got test\/golden\/vit-hf/,
    ],
  ];
  test.each(cases)("%s", (_, recipe, message) => refused(recipe, "training-recipe", message));

  test("adapts a CNN as if it were a ViT", () =>
    refused(
      tinyRecipe({ model: NEW_CNN, adapt: { kind: "lora", rank: 2, alpha: 2 } }),
      "config-unsupported",
      /LoRA adapts the query and value of a ViT/,
    ));

  test("starts from a model that could not be written, before anything is learned", async () => {
    const from = (model: string) => tinyRecipe({ model: { kind: "start", from: model } });
    const pooled = await schemeOnDisk("timm-fc-norm");
    await refused(from(pooled), "config-unsupported", /mean pooling, a final norm after pooling/);
  });

  test("is not there, or starts from a model that is not", async () => {
    const { exit, lines } = await run("train", "--recipe", "none.json", "--json");
    expect({ exit, lines }).toMatchObject({
      exit: 1,
      lines: [
        {
          file: "none.json",
          error: { code: "source-not-found", message: "recipe: wanted a JSON file, got no such file" },
        },
      ],
    });
    await refused(
      tinyRecipe({ model: { kind: "start", from: "/none" } }),
      "source-not-found",
      /expected a folder, .* got \/none/,
    );
  });

  test("says nowhere what to learn from, or where to write", async () => {
    const file = await writeRecipe(await scratchFolder(), tinyRecipe());
    const nothing = await run("train", "--recipe", file, "--json");
    expect(nothing.lines).toMatchObject([
      { file, error: { code: "training-recipe", message: expect.stringContaining("data.path: wanted a folder") } },
    ]);
    const nowhere = await run("train", "--recipe", file, "--data", shapes, "--json");
    expect(nowhere.lines).toMatchObject([{ error: { message: expect.stringContaining("output: wanted a folder") } }]);
  });
});

describe("pictures are refused where", () => {
  const dataWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const data = await scratchFolder();
    await putFiles(data, files);
    return data;
  };

  test("a class has none", async () => {
    const data = await scratchFolder();
    await drawShapes(data, 2);
    await mkdir(join(data, "newt"));
    await refused(tinyRecipe(), "training-data", /got none of newt; add some or remove the folder/, { data });
  });

  test("a class has none that can be read", async () => {
    const data = await scratchFolder();
    await drawShapes(data, 3);
    await putFiles(data, { "newt/a.png": "no picture" });
    const { exit, lines } = await train(tinyRecipe({ data: { validation: null } }), { data });
    expect(exit).toBe(1);
    expect(lines).toMatchObject([
      { file: join(data, "newt/a.png"), error: { code: "image-corrupt" } },
      { file: data, error: { code: "training-data", message: expect.stringContaining("none of newt") } },
    ]);
  });

  test("they lie in no folders, which they are to be put into", async () => {
    const flat = await dataWith({ "a.png": "", "b.jpg": "", "notes/n.txt": "" });
    const wanted =
      /wanted a folder of pictures for each, DIR\/<class>\/<picture>, got .*: a\.png, b\.jpg; put them into/;
    await refused(tinyRecipe(), "training-data", wanted, { data: flat });
  });

  test("there is one class, or no picture at all, or no folder", async () => {
    const lonely = await dataWith({ "newt/a.png": "" });
    await refused(tinyRecipe(), "training-data", /two or more to tell apart, got newt alone/, { data: lonely });
    const empty = /looked for folder of classes \(<class>\/<picture>\), .*image folder.*; found an empty folder/;
    await refused(tinyRecipe(), "source-not-found", empty, { data: await scratchFolder() });
    await refused(tinyRecipe(), "source-not-found", /expected a folder, got nothing there/, {
      data: join(lonely, "none"),
    });
  });

  test("those held aside are of other classes", async () => {
    const data = await scratchFolder();
    await drawShapes(join(data, "train"), 2);
    await drawShapes(join(data, "val"), 2, { bar: "newt", cross: "frog", disc: "toad" });
    await refused(
      tinyRecipe({ data: { validation: "val" } }),
      "training-data",
      /wanted the 3 classes of train, got frog, newt, toad/,
      { data },
    );
  });
});

test("a broken picture among good ones is told once and left out, and the model is written", async () => {
  const data = await scratchFolder();
  await drawShapes(join(data, "train"), 4);
  await drawShapes(join(data, "val"), 2);
  await putFiles(data, { "train/bar/broken.png": "no picture", "val/disc/broken.png": "" });
  const { exit, lines, output } = await train(tinyRecipe({ data: { batch: 64, validation: "val" } }), { data });
  expect(exit).toBe(1);
  const failed = lines.filter((line) => "error" in (line as object)) as Failed[];
  expect(failed.map(({ file, error }) => [file, error.code])).toEqual([
    [join(data, "train/bar/broken.png"), "image-corrupt"],
    [join(data, "val/disc/broken.png"), "image-empty"],
  ]);
  expect(lines.at(-1)).toMatchObject({ epochs: 2, best: { pictures: 6 }, output });
  expect((await run("inspect", "--model", output, "--json")).exit).toBe(0);
});

describe("an output folder is refused that", () => {
  test.each(["model.safetensors", "config.json", "README.md", "model.safetensors.index.json"])(
    "has %s, which stays",
    async (name) => {
      const output = await scratchFolder();
      await putFiles(output, { [name]: "mine" });
      await refused(tinyRecipe(), "invalid-argument", /wanted a new folder, got one with/, { output });
      expect(await readdir(output)).toEqual([name]);
      expect(await readFile(join(output, name), "utf8")).toBe("mine");
    },
  );

  test("is a file, or below one", async () => {
    const file = join(await scratchFolder(), "file");
    await writeFile(file, "");
    await refused(tinyRecipe(), "invalid-argument", /--output: it cannot be written/, { output: file });
    await refused(tinyRecipe(), "invalid-argument", /--output: it cannot be written/, { output: join(file, "model") });
  });
});

test("a run that has diverged writes no model, and another recipe does not go on with what it saved", async () => {
  const output = join(await scratchFolder(), "model");
  const wild = tinyRecipe({
    learning: { epochs: 3, rate: 1e37, clip: null, optimiser: { kind: "sgd" }, schedule: { kind: "constant" } },
  });
  const { lines } = await train(wild, { output });
  expect(lines.at(-1)).toMatchObject({
    error: { code: "training-diverged", message: expect.stringContaining("lower the rate") },
  });
  expect(await readdir(output)).toEqual(["training", "training-log.jsonl"]);
  await refused(tinyRecipe(), "training-state", /choose another output folder/, { output });
});

test("a state of another recipe is refused and stays", async () => {
  const output = await scratchFolder();
  await mkdir(join(output, "training"));
  const metadata = '{"__metadata__":{"run":"another","progress":"{}"}}'.padEnd(56);
  const state = Buffer.concat([
    Buffer.from(new BigUint64Array([BigInt(metadata.length)]).buffer),
    Buffer.from(metadata),
  ]);
  await writeFile(join(output, "training/state.safetensors"), state);
  await refused(tinyRecipe(), "training-state", /wanted a run of the same recipe, model and pictures/, { output });
  expect(await readFile(join(output, "training/state.safetensors"))).toEqual(state);
});

describe("fine-tune's own words", () => {
  const fineTune = (...words: string[]) =>
    run("fine-tune", "--model", VIT, "--data", shapes, "--output", "/none/model", ...words, "--json");

  test.each([
    ["--adapt", "heads"],
    ["--adapt", "last-0"],
    ["--adapt", "lora-"],
    ["--adapt", "last"],
    ["--epochs", "0"],
    ["--rate", "0"],
    ["--rate", "fast"],
    ["--batch", "1.5"],
  ])("%s %s", async (flag, value) => {
    expect(await fineTune(flag, value)).toMatchObject({ exit: 2, lines: [] });
  });
});
