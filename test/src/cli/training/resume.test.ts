import { spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "../run-command.ts";
import { drawShapes } from "./shapes.ts";
import { keptFolder, NEW_CNN, scratchFolder, tinyRecipe, writeRecipe } from "./training-folders.ts";

/** Draws of every kind: order, crops, mixing, masks; state of every kind: momentum, average, statistics. */
const RECIPE = tinyRecipe({
  model: NEW_CNN,
  data: { batch: 4, validation: 0.2, order: "balanced" },
  augment: { trivial: true, erase: 0.3 },
  mix: { mixup: 0.2, cutmix: 1 },
  learning: {
    epochs: 3,
    rate: 0.02,
    accumulate: 2,
    optimiser: { kind: "sgd" },
    average: 0.9,
    regularisation: { dropout: 0.1, attentionDropout: 0.1, dropPath: 0.1 },
  },
});

let [shapes, recipe, whole] = ["", "", ""];
beforeAll(async () => {
  shapes = await keptFolder();
  await drawShapes(shapes, 20);
  recipe = await writeRecipe(shapes, RECIPE);
  whole = join(await keptFolder(), "model");
  expect(await run(...callFor(whole))).toMatchObject({ exit: 0 });
});

const callFor = (output: string): string[] => [
  "train",
  "--recipe",
  recipe,
  "--data",
  shapes,
  "--output",
  output,
  "--json",
];

const readLog = (output: string): Promise<string> => readFile(join(output, "training-log.jsonl"), "utf8");

/** The command in a process of its own. */
const start = (words: string[]): ChildProcess =>
  spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...words], { stdio: ["ignore", "pipe", "ignore"] });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("close", (code) => resolve(code)));

/** As soon as the log has so many lines. */
async function whenLogHas(lines: number, output: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const log = await readLog(output).catch(() => "");
    if (log.split("\n").length > lines) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("it ended first");
}

async function expectSameRun(output: string): Promise<void> {
  expect(await readLog(output)).toBe(await readLog(whole));
  const weights = (folder: string) => readFile(join(folder, "model.safetensors"));
  expect(Buffer.compare(await weights(output), await weights(whole))).toBe(0);
  expect((await readdir(output)).sort()).toEqual((await readdir(whole)).sort());
}

describe("a training that was stopped", () => {
  test("by a kill goes on to the same log and the same model", async () => {
    const output = join(await scratchFolder(), "model");
    const child = start(callFor(output));
    await whenLogHas(9, output, child); // 7 an epoch: in the second, whose start is saved
    child.kill("SIGKILL");
    await ended(child);
    expect((await stat(join(output, "training/state.safetensors"))).size).toBeGreaterThan(0);
    await writeFile(join(output, "training-log.jsonl"), '{"kind":"upd', { flag: "a" }); // as a kill may leave a line
    expect(await run(...callFor(output))).toMatchObject({ exit: 0 });
    await expectSameRun(output);
  });

  test("by Ctrl+C saves, says so, and goes on to the same log and the same model", async () => {
    const output = join(await scratchFolder(), "model");
    const child = start(callFor(output));
    const told: string[] = [];
    createInterface({ input: child.stdout! }).on("line", (line) => told.push(line));
    await whenLogHas(3, output, child); // in the first epoch
    child.kill("SIGINT");
    expect(await ended(child)).toBe(1);
    const last = JSON.parse(told.at(-1)!) as { error: { code: string; message: string } };
    expect(last.error).toEqual({ code: "aborted", message: "Stopped and saved; the same command goes on from here." });
    expect(await run(...callFor(output))).toMatchObject({ exit: 0 });
    await expectSameRun(output);
  });

  test("before anything was saved starts anew, its log too", async () => {
    const output = join(await scratchFolder(), "model");
    const child = start(callFor(output));
    await whenLogHas(1, output, child);
    child.kill("SIGKILL");
    await ended(child);
    expect(await run(...callFor(output))).toMatchObject({ exit: 0 });
    await expectSameRun(output);
  });

  test("while it wrote its model writes it again", async () => {
    const output = join(await scratchFolder(), "model");
    const child = start(callFor(output));
    await whenLogHas(3, output, child);
    child.kill("SIGINT");
    await ended(child);
    await writeFile(join(output, "config.json"), "half");
    expect(await run(...callFor(output))).toMatchObject({ exit: 0 });
    await expectSameRun(output);
  });
});

test("a run does not go on from a model whose weights have changed", async () => {
  const [source, output] = [join(await scratchFolder(), "source"), join(await scratchFolder(), "model")];
  const fineTune = (model: string, to: string, epochs: string): string[] => [
    ...["fine-tune", "--model", model, "--data", shapes, "--output", to, "--epochs", epochs, "--json"],
  ];
  expect(await run(...fineTune("test/golden/vit-hf", source, "1"))).toMatchObject({ exit: 0 });
  const child = start(fineTune(source, output, "50"));
  await whenLogHas(1, output, child);
  child.kill("SIGINT");
  await ended(child);
  const weights = await readFile(join(source, "model.safetensors"));
  weights.writeFloatLE(0.5, weights.length - 4);
  await writeFile(join(source, "model.safetensors"), weights);
  const { exit, lines } = await run(...fineTune(source, output, "50"));
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ file: output, error: { code: "training-state" } }]);
});
