import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cac, type CAC } from "cac";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readWords } from "../../../../src/cli/call/read-words.ts";
import { WrongCall } from "../../../../src/cli/call/wrong-call.ts";
import { runCommandLine } from "../../../../src/cli/command-line.ts";
import { run } from "../run-command.ts";

const MODEL = "test/golden/vit-hf";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-words-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The command, arguments and options that a small program reads from `words`. */
function read(...words: string[]): { command: string | undefined; args: readonly string[]; options: object } {
  const cli: CAC = cac("program");
  cli.option("--model <model>", "", { default: "small" }).option("--json", "").help();
  cli.command("look <...files>", "").option("--top-k <k>", "", { default: 5 });
  readWords(cli, words);
  return { command: cli.matchedCommand?.name, args: cli.args, options: cli.options };
}

describe("readWords", () => {
  test.each(["0042", "007", "1e3", "0x10", "", " ", "true", "a=b"])("leaves the value %j as it is", (value) => {
    expect(read("look", "x", "--model", value).options).toEqual({ model: value, topK: 5 });
    expect(read("look", "x", `--model=${value}`).options).toEqual({ model: value, topK: 5 });
    expect(read("look", "--json", value).args).toEqual([value]);
  });

  test("keeps what an option got twice, and defaults for what it did not get", () => {
    expect(read("--model", "a", "look", "--model", "b").options).toEqual({ model: ["a", "b"], topK: 5 });
    expect(read("look", "--top-k", "3").options).toEqual({ model: "small", topK: "3" });
  });

  test("a switch takes =true and =false, and may be repeated", () => {
    expect(read("look", "--json=true").options).toMatchObject({ json: true });
    expect(read("look", "--json", "--json").options).toMatchObject({ json: true });
    expect(read("look", "--json=false").options).not.toHaveProperty("json");
    expect(() => read("look", "--json=yes")).toThrow(WrongCall);
  });

  test("words after -- are arguments, whatever they look like", () => {
    const { args, options } = read("look", "--json", "--", "-dash.jpg", "--model", "--json=false");
    expect(args).toEqual(["-dash.jpg", "--model", "--json=false"]);
    expect(options).toEqual({ json: true, model: "small", topK: 5 });
  });

  test.each(["-dash.jpg", "-help.jpg", "-x", "--nothing", "--no-json"])(
    "%s is no option, and -- is hinted at",
    (word) => {
      expect(() => read("look", word)).toThrow(WrongCall);
      expect(() => read("look", word)).toThrow(/^Unknown option '.*Put -- before/);
    },
  );

  test("a value that is missing is an error", () => {
    expect(() => read("look", "--model")).toThrow(WrongCall);
    expect(() => read("look", "--model", "--json")).toThrow(WrongCall);
  });

  test("an unknown command leaves all its words as arguments", () => {
    expect(read("see", "x")).toMatchObject({ command: undefined, args: ["see", "x"] });
  });
});

describe("the command line", () => {
  test("writes the file that was named, though its name is a number", async () => {
    const [here, model] = [process.cwd(), join(process.cwd(), MODEL)];
    const inner = await mkdtemp(join(folder, "numbers-"));
    await cp(model, join(inner, "007"), { recursive: true });
    process.chdir(inner);
    try {
      const call = ["forward", "--model", "007", "--input", join(model, "expected.safetensors"), "--output", "0042"];
      expect(await run(...call, "--json")).toMatchObject({ exit: 0, lines: [{ shape: [2, 10] }] });
    } finally {
      process.chdir(here);
    }
    expect((await readdir(inner)).sort()).toEqual(["0042", "007"]);
  });

  test.each([
    [["inspect", "--model", ""]],
    [["classify", "x.png", "--top-k", "1e1"]],
    [["classify", "x.png", "--top-k", "2.5"]],
    [["classify", "x.png", "--top-k=-1"]],
    [["classify", "x.png", "--top-k", ""]],
    [["classify", "-dash.jpg"]],
  ])("%j is a wrong call", async (words) => {
    expect(await run(...words)).toMatchObject({ exit: 2, lines: [] });
  });

  test("--json=true prints JSON, and after -- a file may be called --json", async () => {
    const { exit, lines } = await run("classify", "--json=true", "--model", MODEL, "--", "--json", "-dash.jpg");
    expect(exit).toBe(1);
    expect(lines).toMatchObject([{ file: "--json" }, { file: "-dash.jpg", error: { code: "source-not-found" } }]);
    expect(await run("classify", "--model", MODEL, "--", "--json")).toMatchObject({ exit: 1, lines: [] });
  });

  test.each([
    [["classify", "--help"], /--top-k/],
    [["--help"], /inspect/],
    [["--version"], /^patchlight\/\d/],
  ])("%j is answered", async (words, answer) => {
    const info = vi.spyOn(console, "info").mockImplementation(() => undefined); // where cac prints
    try {
      expect(await runCommandLine(["node", "patchlight", ...words])).toBe(0);
      expect(info.mock.calls).toEqual([[expect.stringMatching(answer)]]);
    } finally {
      info.mockRestore();
    }
  });
});
