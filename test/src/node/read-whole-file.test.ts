import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFileIfThere, readWholeFile } from "../../../src/node/read-whole-file.ts";
import { run } from "../cli/run-command.ts";

const MAKE_PIPE = "mkfifo"; // Node cannot make one

let folder: string;
let pipe: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-read-"));
  pipe = join(folder, "pipe.png");
  execFileSync(MAKE_PIPE, [pipe]);
});
afterAll(() => rm(folder, { recursive: true }));

const refusal = (message: string): object =>
  expect.objectContaining({ code: "source-not-found", message: expect.stringContaining(message) }) as object;

describe("readWholeFile", () => {
  test.each([0, 1, 99, 100, 101, 1000])("reads %d bytes in pieces of 100", async (length) => {
    const path = join(folder, "bytes");
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
    await writeFile(path, bytes);
    const loads: number[] = [];
    const onProgress = ({ loaded }: { loaded: number }): void => void loads.push(loaded);
    expect(await readWholeFile(path, "it", { onProgress }, 100)).toEqual(bytes);
    expect(loads).toHaveLength(Math.ceil(length / 100));
  });

  test("stops between two pieces", async () => {
    const path = join(folder, "long");
    await writeFile(path, new Uint8Array(1000));
    const stop = new AbortController();
    const loads: number[] = [];
    const onProgress = ({ loaded }: { loaded: number }): void => {
      loads.push(loaded);
      stop.abort();
    };
    const reading = readWholeFile(path, "it", { signal: stop.signal, onProgress }, 100);
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(loads).toEqual([100]);
  });

  test("refuses what is no file, and says what it is", async () => {
    await expect(readWholeFile(join(folder, "none"), "it")).rejects.toEqual(refusal("it: no such file"));
    await expect(readWholeFile(folder, "it")).rejects.toEqual(refusal("a folder"));
    await expect(readWholeFile(pipe, "it")).rejects.toEqual(refusal("a pipe"));
    await expect(readWholeFile("/dev/zero", "it")).rejects.toEqual(refusal("a device"));
  });
});

test("readFileIfThere gives null for what is not there, and refuses the rest", async () => {
  expect(await readFileIfThere(join(folder, "none"), "it")).toBeNull();
  await expect(readFileIfThere(folder, "it")).rejects.toEqual(refusal("a folder"));
});

describe("a pipe does not make the command wait for ever", () => {
  test.each([
    ["a picture", ["classify", "PIPE", "--model", "test/golden/vit-hf"]],
    ["a model", ["inspect", "--model", "PIPE"]],
    ["the input", ["forward", "--model", "test/golden/vit-hf", "--input", "PIPE", "--output", "x"]],
  ])("as %s", async (_, words) => {
    const { exit, lines } = await run(...words.map((word) => (word === "PIPE" ? pipe : word)), "--json");
    expect(exit).toBe(1);
    const message: unknown = expect.stringContaining("a pipe");
    expect(lines).toMatchObject([{ file: pipe, error: { code: "source-not-found", message } }]);
  });
});
