import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../run-command.ts";

const MODEL = "test/golden/vit-hf";
const CELLS = 16; // 4 × 4

let folder: string;
let photo: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-"));
  photo = join(folder, "photo.png");
  const data = Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (i * 11) % 256);
  await sharp(data, { raw: { width: 60, height: 40, channels: 3 } })
    .png()
    .toFile(photo);
});
afterAll(() => rm(folder, { recursive: true }));

const explain = (...words: string[]) => run("explain", photo, "--model", MODEL, "--json", ...words);

type Line = { grid: [number, number]; map: number[]; target: number | null; method: string };

describe("prints one line", () => {
  test("with the file, model, method, its settings, the grid and the map", async () => {
    const { exit, lines, errors } = await explain();
    expect([exit, lines.length, errors]).toEqual([0, 1, []]);
    const settings = { layer: null, head: "mean", query: "class", target: null, discard: 0 };
    const known = { file: photo, model: "vit-hf", method: "rollout", ...settings, grid: [4, 4] };
    const { map, ...line } = lines[0] as Line;
    expect(line).toEqual(known);
    expect(map).toHaveLength(CELLS);
    expect(map.every((value) => value > 0 && value < 1)).toBe(true);
  });

  test("of the class that --target names, by index or by label with spaces", async () => {
    const byIndex = await explain("--method", "chefer", "--target", "3");
    const byLabel = await explain("--method", "chefer", "--target", "class 3");
    expect([byIndex.exit, byLabel.lines]).toEqual([0, byIndex.lines]);
    expect(byIndex.lines).toMatchObject([{ method: "chefer", target: 3 }]);
  });

  test.each([
    ["--method", "raw", "--layer", "1", "--head", "2", "--query", "7"],
    ["--method", "raw", "--head", "max", "--query", "mean"],
    ["--method", "rollout", "--head", "min", "--discard", "0.9"],
    ["--method", "flow"],
    ["--method", "gradient-rollout", "--discard", "0.5", "--target", "0"],
    ["--method", "grad-cam", "--layer", "0"],
  ])("%s %s %s %s", async (...words) => {
    const { exit, lines } = await explain(...words);
    expect(exit).toBe(0);
    const discard = words.includes("--discard")
      ? Number(words[words.indexOf("--discard") + 1])
      : expect.toBeOneOf([0, null]);
    expect(lines).toMatchObject([{ method: words[1], grid: [4, 4], discard }]);
    expect((lines[0] as Line).map).toHaveLength(CELLS);
  });

  test("or, for people, what was looked at most and where it was written", async () => {
    const output = join(folder, "told.png");
    const { exit, lines } = await run("explain", photo, "--model", MODEL, "--output", output);
    expect(exit).toBe(0);
    expect(lines.join("\n")).toMatch(
      /photo\.png: rollout · head mean · query class\n.*4 × 4 cells, most at row \d, column \d/,
    );
    expect(lines.join("\n")).toContain(output);
  });
});

describe("writes the map", () => {
  const write = async (name: string, ...words: string[]): Promise<{ output: string; map: number[] }> => {
    const output = join(folder, name);
    const { exit, lines } = await explain("--output", output, ...words);
    expect(exit).toBe(0);
    return { output, map: (lines[0] as Line).map };
  };

  test.each(["colours", "mask"])("over the photo, of the photo's size: %s", async (style) => {
    const { output } = await write(`${style}.PNG`, "--style", style, "--colours", "magma");
    const { format, width, height, channels } = await sharp(output).metadata();
    expect([format, width, height, channels]).toEqual(["png", 60, 40, 3]);
    const [drawn, before] = await Promise.all([output, photo].map((path) => sharp(path).raw().toBuffer()));
    expect(drawn!.equals(before!)).toBe(false);
  });

  test("as JSON with all that is known of it", async () => {
    const { output, map } = await write("map.json");
    const written = JSON.parse(await readFile(output, "utf8")) as Line;
    expect(written).toMatchObject({ file: photo, model: "vit-hf", method: "rollout", grid: [4, 4] });
    expect(Float32Array.from(written.map)).toEqual(Float32Array.from(map));
  });

  test("as .npy of float32", async () => {
    const { output, map } = await write("map.npy");
    const bytes = await readFile(output);
    expect(bytes.toString("latin1", 0, 128)).toMatch(/^\x93NUMPY\x01\x00.*'<f4'.*False.*\(4, 4\)/s);
    const values = new Float32Array(Uint8Array.from(bytes.subarray(128)).buffer);
    expect(values).toEqual(Float32Array.from(map));
  });
});

describe("what fails ends with 1 and a line that names the file", () => {
  const failure = async (code: string, file: string, words: readonly string[], ...told: string[]): Promise<void> => {
    const model = words.includes("--model") ? [] : ["--model", MODEL];
    const { exit, lines } = await run("explain", ...model, "--json", ...words);
    expect({ exit, lines }).toMatchObject({ exit: 1, lines: [{ file, error: { code } }] });
    for (const word of told) expect(JSON.stringify(lines)).toContain(word);
  };

  test("a picture that is none", async () => {
    const text = join(folder, "text.jpg");
    await writeFile(text, "no picture at all");
    await failure("image-unknown-format", text, [text]);
    await failure("source-not-found", join(folder, "none.png"), [join(folder, "none.png")]);
    await failure("source-not-found", folder, [folder], "folder");
  });

  test("an output that cannot be written, before the model is loaded", async () => {
    const locked = join(folder, "locked.png");
    await mkdir(locked);
    const inNone = join(folder, "none", "map.png");
    for (const output of [locked, inNone]) {
      await failure(
        "invalid-argument",
        output,
        [photo, "--output", output, "--model", "no-such-model"],
        "cannot be written",
      );
    }
  });

  test("a setting that the model has not", async () => {
    await failure("invalid-argument", photo, [photo, "--method", "raw", "--layer", "3"], "0 to 2", "3");
    await failure("invalid-argument", photo, [photo, "--method", "module"], "raw, rollout");
    await failure("invalid-argument", photo, [photo, "--target", "3"], "rollout", "target");
    await failure("invalid-argument", photo, [photo, "--method", "chefer", "--target", "10"], "0 to 9", "10");
  });

  test("a class that the model does not know, with those that come near", async () => {
    const target = (text: string) => [photo, "--method", "chefer", "--target", text];
    await failure("invalid-argument", photo, target("clas 3"), "near it: class 3; class 0; class 1");
    await failure("invalid-argument", photo, target("CLASS"), "class 0; class 1; class 2; class 3; class 4");
    await failure("invalid-argument", photo, target("zebra"), "inspect --json");
  });
});

describe("a wrong call ends with 2 and prints nothing on stdout", () => {
  test.each([
    [],
    ["a.png", "b.png"],
    ["a.png", "--method", "lime"],
    ["a.png", "--method", "raw", "--target", "3"],
    ["a.png", "--method", "chefer", "--head", "1"],
    ["a.png", "--method", "rollout", "--head", "1"],
    ["a.png", "--layer", "-1"],
    ["a.png", "--layer", "1", "--layer", "2"],
    ["a.png", "--head", "sum"],
    ["a.png", "--query", "here"],
    ["a.png", "--discard", "1"],
    ["a.png", "--style", "contours"],
    ["a.png", "--colours", "jet"],
    ["a.png", "--output", "map.gif"],
    ["a.png", "--output", ""],
    ["a.png", "--backend", "webgl"],
  ])("%j", async (...words) => {
    const { exit, lines, errors } = await run("explain", ...words);
    expect({ exit, lines }).toEqual({ exit: 2, lines: [] });
    expect(errors.join("\n")).toContain("--help");
  });
});
