import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSafetensors, toFloat32 } from "../../../worker/checkpoint/safetensors.ts";
import { goldenTensors, maxDifference } from "../../setup/golden.ts";
import { attentionCnnFiles } from "../../worker/checkpoint/attention-cnn-folder.ts";
import { run } from "./run-command.ts";

const INPUT = "test/golden/attention-cnn/expected.safetensors";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-cnn-"));
  const files = await attentionCnnFiles("scaled");
  await writeFile(join(folder, "config.json"), JSON.stringify(files["config.json"]));
  await writeFile(join(folder, "model.safetensors"), files["model.safetensors"]);
});
afterAll(() => rm(folder, { recursive: true }));

test("inspect tells what it is", async () => {
  const { exit, lines } = await run("inspect", "--model", folder, "--json");
  expect(exit).toBe(0);
  const config: unknown = expect.objectContaining({ model_type: "attention-cnn", stage_blocks: [1, 2, 1] });
  expect(lines).toMatchObject([{ type: "attention-cnn", tensors: 71, dtype: "F32", problems: [], config }]);
});

test("classify names its classes", async () => {
  const file = join(folder, "red.png");
  await sharp({ create: { width: 50, height: 20, channels: 3, background: { r: 200, g: 40, b: 90 } } })
    .png()
    .toFile(file);
  const { exit, lines } = await run("classify", file, "--model", folder, "--json");
  expect(exit).toBe(0);
  const { predictions } = lines[0] as { predictions: { label: string; score: number }[] };
  expect(predictions.map(({ label }) => label).sort()).toEqual([0, 1, 2, 3, 4].map((index) => `class ${index}`));
  expect(predictions.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
});

test("forward writes PyTorch's logits and attention, and its maps in PyTorch's order", async () => {
  const output = join(folder, "out.safetensors");
  const call = ["forward", "--model", folder, "--input", INPUT, "--output", output, "--json"];
  const { exit, lines } = await run(...call, "--attentions", "--hidden-states");
  expect({ exit, lines }).toEqual({ exit: 0, lines: [{ shape: [2, 5] }] });
  const written = readSafetensors(await readFile(output));
  expect(Object.fromEntries([...written].map(([name, { shape }]) => [name, shape]))).toEqual({
    logits: [2, 5],
    "attentions.0": [2, 1, 64, 64],
    "hidden_states.0": [2, 4, 32, 32],
    "hidden_states.1": [2, 6, 16, 16],
    "hidden_states.2": [2, 8, 8, 8],
    "hidden_states.3": [2, 8, 4, 4],
  });
  const expected = await goldenTensors("attention-cnn/expected.safetensors");
  for (const [name, golden] of [
    ["logits", "logits"],
    ["attentions.0", "attention.weights"],
  ] as const) {
    const { values } = expected.get(`scaled/${golden}`)!;
    expect(maxDifference(toFloat32(written.get(name)!), values), name).toBeLessThanOrEqual(1e-4);
  }
});

test("a bare weight file says that it needs its config.json", async () => {
  const alone = join(await mkdtemp(join(folder, "alone-")), "weights.safetensors");
  await writeFile(alone, (await attentionCnnFiles("scaled"))["model.safetensors"]);
  const { exit, lines } = await run("classify", "x.png", "--model", alone, "--json");
  expect(exit).toBe(1);
  const message: unknown = expect.stringContaining('config.json: wanted a file with model_type "attention-cnn"');
  expect(lines).toMatchObject([{ error: { code: "config-malformed", message } }]);
});
