import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile, cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../../datasets/csv.ts";
import { readSafetensors, toFloat32, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import { goldenTensors, maxDifference } from "../../setup/golden.ts";
import { run } from "./run-command.ts";

const MODEL = "test/golden/vit-hf";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-"));
});
afterAll(() => rm(folder, { recursive: true }));

const picture = (name: string, width: number, height: number): Promise<string> => {
  const path = join(folder, name);
  const create = { width, height, channels: 3 as const, background: { r: 200, g: 40, b: 90 } };
  return sharp({ create })
    .png()
    .toFile(path)
    .then(() => path);
};

describe("classify", () => {
  test("prints a line per picture; a bad one has its own error and the rest goes on", async () => {
    const good = await picture("good.png", 40, 30);
    const bad = join(folder, "text.jpg");
    await writeFile(bad, "no picture at all");
    const { exit, lines } = await run("classify", bad, good, join(folder, "none.png"), "--model", MODEL, "--json");
    expect(exit).toBe(1);
    expect(lines).toMatchObject([
      { file: bad, error: { code: "image-unknown-format" } },
      { file: good, model: "vit-hf" },
      { file: join(folder, "none.png"), error: { code: "source-not-found" } },
    ]);
    const { predictions } = lines[1] as { predictions: { index: number; label: string; score: number }[] };
    expect(predictions).toHaveLength(5);
    expect(predictions[0]!.label).toBe(`class ${predictions[0]!.index}`);
    expect(predictions.map(({ score }) => score)).toEqual(predictions.map(({ score }) => score).sort((a, b) => b - a));
  });

  test("--output makes a table of all classes, or a list of the printed lines, of the pictures that could be read", async () => {
    const inner = await mkdtemp(join(folder, "written-"));
    const good = await picture("good.png", 40, 30);
    const call = ["classify", good, join(folder, "none.png"), "--model", MODEL, "--top-k", "2", "--json", "--output"];
    const { exit, lines } = await run(...call, join(inner, "classes.json"));
    expect(exit).toBe(1);
    expect(JSON.parse(await readFile(join(inner, "classes.json"), "utf8"))).toEqual(lines.slice(0, 1));
    expect((await run(...call, join(inner, "classes.csv"))).lines).toEqual(lines);
    const { predictions } = lines[0] as { predictions: { index: number; label: string; score: number }[] };
    expect(readCsv(await readFile(join(inner, "classes.csv"), "utf8"))).toEqual([
      ["file", "rank", "index", "label", "score", "model"],
      ...predictions.map(({ index, label, score }, at) =>
        [good, at + 1, index, label, score, "vit-hf"].map((cell) => String(cell)),
      ),
    ]);
  });

  test("a file for the classes that cannot be written is told before the model is loaded; another kind is a wrong call", async () => {
    const file = join(folder, "none/classes.csv");
    const { exit, lines } = await run("classify", "any.png", "--model", "no-model", "--json", "--output", file);
    expect([exit, lines]).toMatchObject([1, [{ file, error: { code: "invalid-argument" } }]]);
    const wrong = await run("classify", "any.png", "--output", "classes.txt");
    expect([wrong.exit, wrong.errors.join()]).toEqual([2, expect.stringContaining(".csv or .json")]);
  });

  test("looks for pictures inside folders, and --top-k says how many classes", async () => {
    const inner = await mkdtemp(join(folder, "photos-"));
    await sharp(await picture("copy.png", 9, 9))
      .webp()
      .toFile(join(inner, "b.webp"));
    await sharp(await picture("copy.png", 9, 9))
      .jpeg()
      .toFile(join(inner, "a.JPG"));
    await writeFile(join(inner, "notes.txt"), "not looked at");
    const { exit, lines } = await run("classify", inner, "--model", MODEL, "--json", "--top-k", "3");
    expect(exit).toBe(0);
    expect(lines).toMatchObject([{ file: join(inner, "a.JPG") }, { file: join(inner, "b.webp") }]);
    expect((lines[0] as { predictions: unknown[] }).predictions).toHaveLength(3);
  });

  test("without --json prints text for people", async () => {
    const { lines } = await run("classify", await picture("people.png", 9, 9), "--model", MODEL, "--top-k", "1");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/people\.png\n +\d+\.\d % {2}class \d$/);
  });
});

describe("forward", () => {
  test.each(["wasm", "cpu"])("writes PyTorch's numbers on %s", async (backend) => {
    const output = join(folder, "out.safetensors");
    const input = `${MODEL}/expected.safetensors`;
    const call = ["forward", "--model", MODEL, "--input", input, "--output", output, "--backend", backend];
    const { exit, lines } = await run(...call, "--attentions", "--hidden-states", "--json");
    expect({ exit, lines }).toEqual({ exit: 0, lines: [{ shape: [2, 10] }] });
    const expected = await goldenTensors("vit-hf/expected.safetensors");
    expected.delete("pixel_values");
    const written = readSafetensors(await readFile(output));
    expect([...written.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { shape, values }] of expected) {
      expect(written.get(name)!.shape).toEqual(shape);
      expect(maxDifference(toFloat32(written.get(name)!), values), name).toBeLessThanOrEqual(1e-4);
    }
  });

  test("an input without pixel_values is an error that says so", async () => {
    const input = join(folder, "other.safetensors");
    await writeFile(input, writeSafetensors(new Map()));
    const { exit, lines } = await run("forward", "--model", MODEL, "--input", input, "--output", "x", "--json");
    expect(exit).toBe(1);
    expect(lines).toMatchObject([{ error: { code: "input-shape" } }]);
  });
});

describe("inspect", () => {
  test("tells what a folder holds", async () => {
    const { exit, lines } = await run("inspect", "--model", MODEL, "--json");
    expect(exit).toBe(0);
    expect(lines).toMatchObject([{ type: "vit", parameters: 67594, tensors: 56, dtype: "F32" }]);
  });

  test("tells all that is wrong and ends with 1", async () => {
    const broken = await mkdtemp(join(folder, "broken-"));
    await cp(MODEL, broken, { recursive: true });
    const tensors = new Map(readSafetensors(await readFile(`${MODEL}/model.safetensors`)));
    tensors.set("surplus", tensors.get("classifier.bias")!);
    tensors.delete("vit.layernorm.bias");
    await writeFile(join(broken, "model.safetensors"), writeSafetensors(tensors));
    const { exit, lines } = await run("inspect", "--model", broken, "--json");
    expect(exit).toBe(1);
    expect(lines).toMatchObject([
      {
        missing: ["vit.layernorm.bias"],
        unexpected: ["surplus"],
        error: { code: expect.stringMatching(/^checkpoint-/) },
      },
    ]);
  });

  test("a bare file of another library is told with what its shapes give away", async () => {
    const { exit, lines } = await run("inspect", "--model", "test/golden/vit-torchvision/model.safetensors", "--json");
    expect(exit).toBe(0);
    expect(lines).toMatchObject([{ type: "vit", scheme: "torchvision", parameters: 67594 }]);
  });
});

describe("a wrong call ends with 2 and prints nothing on stdout", () => {
  test.each([
    [[]],
    [["frobnicate"]],
    [["classify"]],
    [["classify", "x.png", "--top-k", "0"]],
    [["classify", "x.png", "--backend", "webgl"]],
    [["classify", "x.png", "--no-such-option"]],
    [["forward", "--input", "x"]],
    [["forward", "--input", "x", "--output", "y", "surplus"]],
    [["forward", "--attentions", "surplus", "--input", "x", "--output", "y"]],
    [["inspect", "--top-k", "3"]],
    [["eval", "captions", "--data", "x"]],
    [["eval", "classify"]],
    [["eval", "classify", "--data", "x", "--mistakes", "-1"]],
    [["eval", "classify", "--data", "x", "--mistakes", "some"]],
  ])("%j", async (words) => {
    const { exit, lines, errors } = await run(...words);
    expect({ exit, lines }).toEqual({ exit: 2, lines: [] });
    expect(errors.join("\n")).toContain("--help");
  });
});

test("words too many are told, and how a model is named", async () => {
  expect((await run("inspect", MODEL)).errors.join()).toContain(`options alone, such as --model ${MODEL}`);
  expect((await run("explain", "a.png", "b.png")).errors.join()).toContain("expected one image, got a.png b.png");
});

test("a model that is not there ends with 1 and says what --model takes", async () => {
  const { exit, lines } = await run("classify", "x.png", "--model", "no-such-model", "--json");
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ file: "no-such-model", error: { code: "source-not-found" } }]);
});

test("as a command of its own it prints only its lines", async () => {
  const file = await picture("alone.png", 12, 12);
  const call = ["tsx", "src/cli/main.ts", "classify", file, "--model", MODEL, "--json"];
  const { stdout } = await promisify(execFile)("npx", ["--no-install", ...call]);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => Object.keys(JSON.parse(line) as object)),
  ).toEqual([["file", "model", "predictions"]]);
}, 30_000);

test("a reader that goes away ends the command without a word, but not as done", async () => {
  const call = ["--no-install", "tsx", "src/cli/main.ts", "inspect", "--model", MODEL, "--json"];
  const command = spawn("npx", call, { stdio: ["ignore", "pipe", "pipe"] });
  command.stdout.destroy();
  let errors = "";
  command.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  expect(await once(command, "close")).toEqual([141, null]);
  expect(errors.split("\n").filter((line) => line && !line.startsWith("npm warn"))).toEqual([]);
});
