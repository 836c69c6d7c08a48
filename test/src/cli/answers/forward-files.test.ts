import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSafetensors } from "../../../../worker/checkpoint/safetensors.ts";
import { run } from "../run-command.ts";

const MODEL = "test/golden/vit-hf";
const INPUT = `${MODEL}/expected.safetensors`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-forward-"));
  await writeFile(join(folder, "page.safetensors"), "<!doctype html><title>Not found</title>");
  await writeFile(join(folder, "cut.safetensors"), (await readFile(INPUT)).subarray(0, 5000));
  const pixels = { dtype: "F32", shape: [1, 3, 2, 2], bytes: new Uint8Array(48) } as const;
  await writeFile(join(folder, "small.safetensors"), writeSafetensors(new Map([["pixel_values", pixels]])));
});
afterAll(() => rm(folder, { recursive: true }));

const forward = (input: string, output: string) =>
  run("forward", "--model", MODEL, "--input", input, "--output", output, "--json");

describe("forward names the file that failed", () => {
  test.each([
    ["", "source-not-found", "a folder"],
    ["none.safetensors", "source-not-found", "no such file"],
    ["page.safetensors", "safetensors-header", "page.safetensors"],
    ["cut.safetensors", "safetensors-truncated", "cut.safetensors"],
    ["small.safetensors", "input-shape", "pixel_values"],
  ])("input %j: %s", async (name, code, message) => {
    const file = join(folder, name);
    const { exit, lines } = await forward(file, join(folder, "out.safetensors"));
    expect(exit).toBe(1);
    expect(lines).toEqual([{ file, error: { code, message: expect.stringContaining(message) } }]);
  });

  test.each([
    ["", "it is a folder"],
    ["missing/out.safetensors", "there is no folder"],
    ["page.safetensors/out.safetensors", "there is no folder"],
  ])("output %j: %s, said before the model is looked at", async (name, reason) => {
    const file = join(folder, name);
    const call = ["forward", "--model", "no-such-model", "--input", INPUT, "--output", file, "--json"];
    const { exit, lines } = await run(...call);
    expect(exit).toBe(1);
    const message: unknown = expect.stringContaining(`cannot be written: ${reason}`);
    expect(lines).toEqual([{ file, error: { code: "invalid-argument", message } }]);
  });
});
