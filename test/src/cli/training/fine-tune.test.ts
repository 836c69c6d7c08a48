import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Prediction } from "../../../../worker/contract/api.ts";
import { readSafetensors, toFloat32, writeSafetensors } from "../../../../worker/checkpoint/safetensors.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { putFiles } from "../../../datasets/put-files.ts";
import { attentionCnnFiles } from "../../../worker/checkpoint/attention-cnn-folder.ts";
import { run } from "../run-command.ts";
import { drawShapes } from "./shapes.ts";
import { keptFolder, schemeOnDisk, scratchFolder, tinyRecipe, writeRecipe } from "./training-folders.ts";

const VIT = "test/golden/vit-hf"; // ten classes, "class 0" to "class 9"

let shapes: string; // train and val, with three classes each
let cnn: string;
beforeAll(async () => {
  shapes = await keptFolder();
  await drawShapes(join(shapes, "train"), 6);
  await drawShapes(join(shapes, "val"), 2);
  cnn = await keptFolder();
  const files = await attentionCnnFiles("scaled");
  await putFiles(cnn, { ...files, "config.json": JSON.stringify(files["config.json"]) });
});

type Line = { readonly file: string; readonly predictions: Prediction[] };

/** Scores by label of every picture of a folder, by file. */
async function scoresOf(model: string, pictures: string, topK = 3): Promise<Map<string, Map<string, number>>> {
  const { exit, lines } = await run("classify", pictures, "--model", model, "--json", "--top-k", String(topK));
  expect(exit).toBe(0);
  const scored = (lines as Line[]).map(({ file, predictions }) => {
    return [file, new Map(predictions.map(({ label, score }) => [label, score]))] as const;
  });
  return new Map(scored);
}

/** Loss and share of right first guesses of `classify` on `dir/<class>/<picture>`. */
async function measured(model: string, dir: string): Promise<{ pictures: number; loss: number; top1: number }> {
  const all = [...(await scoresOf(model, dir))].map(([file, scores]) => {
    const label = basename(dirname(file));
    return { loss: -Math.log(scores.get(label)!), right: [...scores.keys()][0] === label };
  });
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    pictures: all.length,
    loss: mean(all.map(({ loss }) => loss)),
    top1: mean(all.map(({ right }) => Number(right))),
  };
}

const learning = { epochs: 2, rate: 0.01, schedule: { kind: "constant" } };

const ADAPTATIONS: ["vit" | "cnn", object, object][] = [
  ["vit", { kind: "head" }, {}],
  ["vit", { kind: "last-blocks", blocks: 1 }, { layerDecay: 0.75 }],
  ["vit", { kind: "all" }, { average: 0.5, patience: 1 }],
  ["vit", { kind: "lora", rank: 2, alpha: 4 }, {}],
  ["cnn", { kind: "head" }, {}],
  ["cnn", { kind: "last-blocks", blocks: 2 }, {}],
  ["cnn", { kind: "all" }, { average: 0.5 }],
];

describe.each(ADAPTATIONS)("a %s that learned with %j and %j", (kind, adapt, more) => {
  test("answers from its folder as it did when it was measured in training", async () => {
    const [source, output] = [kind === "vit" ? VIT : cnn, join(await scratchFolder(), "model")];
    const recipe = {
      model: { kind: "start", from: source },
      adapt,
      data: { batch: 9, validation: "val" },
      learning: { ...learning, ...more },
    };
    const file = await writeRecipe(await scratchFolder(), recipe);
    const trained = await run("train", "--recipe", file, "--data", shapes, "--output", output, "--json");
    expect(trained).toMatchObject({ exit: 0 });
    const { best } = trained.lines.at(-1) as { best: { epoch: number; pictures: number; loss: number; top1: number } };
    const now = await measured(output, join(shapes, "val"));
    expect(now).toMatchObject({ pictures: best.pictures, top1: best.top1 });
    expect(Math.abs(now.loss - best.loss)).toBeLessThanOrEqual(1e-5);
    const { lines } = await run("inspect", "--model", output, "--json");
    expect(lines).toMatchObject([{ problems: [], labels: ["bar", "cross", "disc"], dtype: "F32" }]);
    const names = async (folder: string) => [
      ...readSafetensors(await readFile(join(folder, "model.safetensors"))).keys(),
    ];
    expect((await names(output)).sort()).toEqual((await names(source)).sort());
  });
});

/** Fine-tuned at a rate of nothing on pictures of some of its classes, a model scores them as it did among themselves. */
async function expectKept(model: string, data: string, labels: readonly string[]): Promise<void> {
  const output = join(await scratchFolder(), "model");
  const call = ["--model", model, "--data", data, "--output", output, "--epochs", "1", "--rate", "1e-30"];
  expect(await run("fine-tune", ...call, "--json")).toMatchObject({ exit: 0 });
  const [before, after] = [await scoresOf(model, data, 10), await scoresOf(output, data)];
  expect(after.size).toBeGreaterThan(0);
  for (const [file, scores] of after) {
    const known = labels.map((label) => before.get(file)!.get(label)!);
    const share = known.map((score) => score / known.reduce((sum, one) => sum + one, 0));
    for (const [at, label] of labels.entries()) expect(scores.get(label)).toBeCloseTo(share[at]!, 5);
  }
}

describe("fine-tune", () => {
  test("takes a plain folder of classes, tells each epoch, and ends with what it wrote", async () => {
    const output = join(await scratchFolder(), "model");
    const call = ["--data", join(shapes, "train"), "--model", VIT, "--output", output, "--epochs", "2", "--batch", "8"];
    const { exit, lines } = await run("fine-tune", ...call, "--adapt", "lora-2", "--json");
    expect(exit).toBe(0);
    expect(lines).toMatchObject([
      { epoch: 1, update: 2, validation: { pictures: 2 } },
      { epoch: 2, update: 4 },
      { epochs: 2, stoppedEarly: false, output, best: { pictures: 2 } },
    ]);
    const log = (await readFile(join(output, "training-log.jsonl"), "utf8")).trim().split("\n");
    expect(log.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
      "update",
      "update",
      "epoch",
      "update",
      "update",
      "epoch",
    ]);
    expect(await readFile(join(output, "README.md"), "utf8")).toContain(
      "not stated: say it before you pass this model on",
    );
  });

  test("keeps what the model knows of classes it has, in whichever order they lie there", async () => {
    const data = await scratchFolder();
    await drawShapes(data, 3, { bar: "class 7", cross: "class 10", disc: "class 2" });
    const model = await scratchFolder();
    const config = JSON.parse(await readFile(join(VIT, "config.json"), "utf8")) as { id2label: Record<string, string> };
    config.id2label["1"] = "class 10"; // sorted by name, the folders' order is not the model's
    for (const file of ["preprocessor_config.json", "model.safetensors"])
      await putFiles(model, { [file]: await readFile(join(VIT, file)) });
    await putFiles(model, { "config.json": JSON.stringify({ ...config, label2id: undefined }) });
    await expectKept(model, data, ["class 10", "class 2", "class 7"]);
  });

  test("keeps it of both heads of a DINOv2", async () => {
    const data = await scratchFolder();
    await drawShapes(data, 3, { bar: "LABEL_3", cross: "LABEL_0", disc: "LABEL_4" });
    await expectKept("test/golden/dinov2/classifier", data, ["LABEL_0", "LABEL_3", "LABEL_4"]);
  });

  test("writes half precision where the recipe says so", async () => {
    const output = join(await scratchFolder(), "model");
    const file = await writeRecipe(
      await scratchFolder(),
      tinyRecipe({ dtype: "F16", data: { batch: 9, validation: "val" } }),
    );
    const { exit, lines } = await run("train", "--recipe", file, "--data", shapes, "--output", output, "--json");
    expect(exit).toBe(0);
    expect((await run("inspect", "--model", output, "--json")).lines).toMatchObject([{ dtype: "F16", problems: [] }]);
    const { best } = lines.at(-1) as { best: { loss: number } };
    expect((await measured(output, join(shapes, "val"))).loss).toBeCloseTo(best.loss, 2);
  });

  test("says so where no picture can be held aside", async () => {
    const data = await scratchFolder();
    await drawShapes(data, 1);
    const call = ["--model", VIT, "--data", data, "--output", join(await scratchFolder(), "model"), "--epochs", "1"];
    const { exit, lines, errors } = await run("fine-tune", ...call, "--json");
    expect({ exit, errors }).toEqual({
      exit: 0,
      errors: [expect.stringMatching(/^Too few pictures to hold any aside/)],
    });
    expect(lines.at(-1)).toMatchObject({ best: null });
  });

  test("gives a bare backbone a head", async () => {
    const model = await schemeOnDisk("hf4-bare");
    const output = join(await scratchFolder(), "model");
    const call = ["--model", model, "--data", join(shapes, "train"), "--output", output, "--epochs", "1"];
    expect(await run("fine-tune", ...call, "--json")).toMatchObject({ exit: 0 });
    expect((await run("inspect", "--model", output, "--json")).lines).toMatchObject([
      { problems: [], labels: ["bar", "cross", "disc"] },
    ]);
  });

  test.each([
    ["a DINOv2 with both heads of one", "classifier", "dinov2"],
    ["a DINOv2 with registers of one", "registers", "dinov2_with_registers"],
  ])("makes %s, and a head alone changes no feature", async (_, name, model_type) => {
    const model = `test/golden/dinov2/${name}`;
    const output = join(await scratchFolder(), "model");
    const file = await writeRecipe(
      await scratchFolder(),
      tinyRecipe({ model: { kind: "start", from: model }, adapt: { kind: "head" }, learning }),
    );
    const call = ["--recipe", file, "--data", shapes, "--output", output, "--json"];
    expect(await run("train", ...call)).toMatchObject({ exit: 0 });
    expect((await run("inspect", "--model", output, "--json")).lines).toMatchObject([
      { problems: [], config: { model_type, image_size: 28 }, labels: ["bar", "cross", "disc"] },
    ]);
    const features = async (of: string) => {
      const out = join(await scratchFolder(), "out.safetensors");
      const input = join(await scratchFolder(), "in.safetensors");
      const expected = readSafetensors(await readFile(join(model, "expected.safetensors")));
      await writeFile(input, writeSafetensors(new Map([["pixel_values", expected.get("pixel_values")!]])));
      const call = ["--model", of, "--input", input, "--output", out, "--hidden-states"];
      expect(await run("forward", ...call)).toMatchObject({ exit: 0 });
      return toFloat32(readSafetensors(await readFile(out)).get("hidden_states.2")!);
    };
    expect(maxDifference(await features(output), await features(model))).toBeLessThan(2e-3); // F16 weights
  });
});
