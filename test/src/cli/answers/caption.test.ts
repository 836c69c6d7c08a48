import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../../../datasets/csv.ts";
import { readVocabulary } from "../../../../worker/text/vocabulary.ts";
import { expectedOf, goldenJson } from "../../../worker/runtime/captioner/captioner-folders.ts";
import { run } from "../run-command.ts";

const MODEL = "test/golden/captioner-folders/recurrent";

let folder: string;
let pictures: string[]; // the reference's, as files
let sentences: string[]; // PyTorch's greedy ones about them
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-caption-"));
  const expected = await expectedOf("recurrent");
  pictures = expected.pictures.map((_, at) => join(folder, `${at}.png`));
  for (const [at, { data, width, height }] of expected.pictures.entries()) {
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(pictures[at]!);
  }
  const tokenizer = readVocabulary(await goldenJson("captioner-folders/recurrent/vocabulary.json"));
  sentences = expected.greedy.map((tokens) => tokenizer.decode(tokens));
});
afterAll(() => rm(folder, { recursive: true }));

const GREEDY = ["--model", MODEL, "--beams", "1", "--max-words", "8"];

describe("caption", () => {
  test.each(["wasm", "cpu"])("prints PyTorch's sentence about each picture on %s", async (backend) => {
    const { exit, lines } = await run("caption", ...pictures, ...GREEDY, "--backend", backend, "--json");
    expect(exit).toBe(0);
    expect(lines).toMatchObject(
      pictures.map((file, at) => ({ file, model: "recurrent", caption: sentences[at], score: expect.any(Number) })),
    );
    for (const line of lines as { caption: string; words: { text: string; probability: number }[] }[]) {
      expect(Object.keys(line).join()).toBe("file,model,caption,words,score");
      expect(line.words.map(({ text }) => text).join(" ")).toBe(line.caption);
      for (const { probability } of line.words) expect(probability).toBeGreaterThan(0);
    }
  });

  test("a bad picture has its own line, and the rest goes on", async () => {
    const bad = join(folder, "text.jpg");
    await writeFile(bad, "no picture at all");
    const none = join(folder, "none.png");
    const { exit, lines } = await run("caption", pictures[0]!, bad, none, pictures[1]!, ...GREEDY, "--json");
    await rm(bad);
    expect(exit).toBe(1);
    expect(lines).toMatchObject([
      { file: pictures[0], caption: sentences[0] },
      { file: bad, error: { code: "image-unknown-format" } },
      { file: none, error: { code: "source-not-found" } },
      { file: pictures[1], caption: sentences[1] },
    ]);
  });

  test("a folder's pictures become a table, or a list of the printed lines", async () => {
    const [table, list] = [join(folder, "captions.csv"), join(folder, "captions.json")];
    await run("caption", folder, ...GREEDY, "--output", table);
    const rows = readCsv(await readFile(table, "utf8"));
    expect(rows[0]).toEqual(["file", "caption", "score", "probability", "model"]);
    expect(rows.slice(1).map(([file, caption]) => [file, caption])).toEqual(
      pictures.map((file, at) => [file, sentences[at]]),
    );
    for (const [, , score, probability] of rows.slice(1)) {
      expect(Number(score)).toBeLessThan(0);
      expect(Number(probability)).toBeGreaterThan(0);
    }
    const { lines } = await run("caption", folder, ...GREEDY, "--output", list, "--json");
    expect(JSON.parse(await readFile(list, "utf8"))).toEqual(lines);
  });

  test("several sentences, drawn ones, and text for people", async () => {
    const many = await run("caption", pictures[0]!, "--model", MODEL, "--beams", "4", "--returned", "3", "--json");
    const { others } = many.lines[0] as { others: { caption: string; score: number }[] };
    expect(others).toHaveLength(2);
    const draw = (seed: string) => run("caption", pictures[0]!, "--model", MODEL, "--seed", seed, "--temperature", "4");
    expect((await draw("3")).lines).toEqual((await draw("3")).lines);
    expect((await draw("3")).lines).not.toEqual((await draw("4")).lines);
    const { lines } = await run("caption", pictures[0]!, ...GREEDY);
    expect(lines).toEqual([`${pictures[0]}: ${sentences[0]}`]);
  });

  test("that words are drawn is told where it was not asked for by a seed, and never on stdout", async () => {
    const write = (...words: string[]) => run("caption", pictures[0]!, "--model", MODEL, "--json", ...words);
    for (const setting of [
      ["--temperature", "2"],
      ["--top-k", "3"],
      ["--top-p", "0.5", "--beams", "1"],
    ]) {
      const { exit, lines, errors } = await write(...setting);
      expect([exit, lines, errors]).toEqual([
        0,
        [expect.any(Object)],
        [expect.stringMatching(/drawn.*beams.*--seed 0/)],
      ]);
      expect((await write(...setting, "--seed", "0")).lines).toEqual(lines);
    }
    for (const told of [["--seed", "1", "--top-k", "3"], ["--beams", "3"], []]) {
      expect((await write(...told)).errors).toEqual([]);
    }
  });

  test.each([
    [["--beams", "0"], "beams"],
    [["--beams", "1000"], "beams"],
    [["--max-words", "0"], "maxWords"],
    [["--max-words", "10000"], "maxWords"],
    [["--max-words", "many"], "--max-words: expected a number"],
    [["--beams", "2", "--seed", "1"], "--beams: expected 1 while --seed draws words, got 2; leave one of them out"],
    [["--top-k", "5", "--beams", "3"], "1 while --top-k draws words, got 3"],
    [["--returned", "4"], "returned"],
    [["--output", "captions.txt"], ".csv or .json"],
    [["--beams", "2", "--beams", "3"], "--beams"],
  ])("a wrong call ends with 2: %s", async (words, told) => {
    const { exit, errors } = await run("caption", "any.png", "--model", MODEL, ...words);
    expect([exit, errors.join()]).toEqual([2, expect.stringContaining(told)]);
  });

  test("a classifier cannot write, a captioner knows no classes: both say what to do instead", async () => {
    const written = await run("caption", pictures[0]!, "--model", "test/golden/vit-hf", "--json");
    const classified = await run("classify", pictures[0]!, "--model", MODEL, "--json");
    expect([written.exit, classified.exit]).toEqual([1, 1]);
    expect(written.lines).toMatchObject([{ file: pictures[0], error: { code: "model-has-no-head" } }]);
    expect(classified.lines).toMatchObject([{ file: pictures[0], error: { code: "model-has-no-head" } }]);
  });

  test("a vocabulary that does not fit is the model's failure", async () => {
    const model = await mkdtemp(join(folder, "model-"));
    await cp(MODEL, model, { recursive: true });
    await writeFile(join(model, "vocabulary.json"), '{"words":[]}');
    const { exit, lines } = await run("caption", pictures[0]!, "--model", model, "--json");
    await rm(model, { recursive: true });
    expect(exit).toBe(1);
    expect(lines).toMatchObject([{ file: model, error: { code: "config-malformed" } }]);
  });

  test("inspect tells of it", async () => {
    const { exit, lines } = await run("inspect", "--model", MODEL, "--json");
    expect(exit).toBe(0);
    const config: unknown = expect.objectContaining({ model_type: "recurrent-captioner", feature_pooling: 4 });
    expect(lines).toMatchObject([{ type: "captioner", problems: [], missing: [], config }]);
  });
});
