import { expect, test } from "vitest";
import { openModel } from "../../../worker/checkpoint/open-model.ts";
import { openWeights } from "../../../worker/checkpoint/read-weights.ts";
import { INDEX_FILE } from "../../../worker/checkpoint/weight-files.ts";
import { writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import type { VisionErrorCode } from "../../../worker/contract/errors.ts";
import type { HostTensor } from "../../../worker/contract/host-tensor.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import { goldenFile } from "../../setup/golden.ts";
import { expectRefusal } from "./code-of.ts";
import { memoryFolder, readSchemes, schemeFolder, schemeTensors } from "./scheme-folder.ts";

const readWeights = (folder: ModelFolder) => openWeights(folder, undefined, (tensors) => tensors);

const tensor = (value: number): HostTensor => ({ dtype: "U8", shape: [1], bytes: Uint8Array.of(value) });
const shard = (...names: string[]) => writeSafetensors(new Map(names.map((name, at) => [name, tensor(at)])));
const ONE = "model-00001-of-00002.safetensors";
const TWO = "model-00002-of-00002.safetensors";

test("shards give the same model as one file", async () => {
  const { timm } = await readSchemes();
  const pairs = [...(await schemeTensors(timm))];
  const halves = [pairs.slice(0, 12), pairs.slice(12)] as const;
  const weightMap = [ONE, TWO].flatMap((file, half) => halves[half]!.map(([name]) => [name, file]));
  const folder = memoryFolder({
    "config.json": timm.config,
    [INDEX_FILE]: { metadata: { total_size: 1 }, weight_map: Object.fromEntries(weightMap) },
    [ONE]: writeSafetensors(new Map(halves[0])),
    [TWO]: writeSafetensors(new Map(halves[1])),
  });
  expect((await openModel(folder)).parameters).toEqual((await openModel(await schemeFolder("timm"))).parameters);
});

const cases: [string, Record<string, unknown>, VisionErrorCode, string[]][] = [
  [
    "a shard that is not there",
    { [INDEX_FILE]: { weight_map: { a: ONE, b: TWO } }, [ONE]: shard("a") },
    "source-not-found",
    [TWO],
  ],
  [
    "a tensor its shard does not hold",
    { [INDEX_FILE]: { weight_map: { a: ONE, b: ONE } }, [ONE]: shard("a") },
    "checkpoint-missing-tensor",
    ["b", ONE],
  ],
  [
    "a tensor the index does not name",
    { [INDEX_FILE]: { weight_map: { a: ONE } }, [ONE]: shard("a", "b") },
    "checkpoint-unexpected-tensor",
    ["b", ONE, "does not name"],
  ],
  [
    "a tensor in two shards",
    { [INDEX_FILE]: { weight_map: { a: ONE, b: TWO } }, [ONE]: shard("a"), [TWO]: shard("a", "b") },
    "checkpoint-unexpected-tensor",
    ["a", TWO, ONE],
  ],
  ["an index that is no index", { [INDEX_FILE]: { weights: {} } }, "config-malformed", ["weight_map"]],
  ["an index with numbers", { [INDEX_FILE]: { weight_map: { a: 1 } } }, "config-malformed", ["weight_map"]],
  ["an index that is an HTML page", { [INDEX_FILE]: new TextEncoder().encode("<html>") }, "source-not-json", ["HTML"]],
];
test.each(cases)("%s is refused", async (_, files, code, words) => {
  await expectRefusal(() => readWeights(memoryFolder(files)), code, ...words);
});

test.each([
  "../secret.safetensors",
  "/etc/x.safetensors",
  "a/../b.safetensors",
  "sub/x.safetensors",
  "..\\x.safetensors",
  "https://evil.example/x.safetensors",
  "%2e%2e%2fx.safetensors",
  ".safetensors",
  "x.safetensors?y",
  "pytorch_model.pkl",
])("a shard named %s is refused before it is asked for", async (name) => {
  const asked: string[] = [];
  const inner = memoryFolder({ [INDEX_FILE]: { weight_map: { a: name } } });
  const folder = { ...inner, read: (path: string) => (asked.push(path), inner.read(path)) };
  await expectRefusal(() => readWeights(folder), "config-malformed", "weight_map");
  expect(asked).toEqual(["model.safetensors", INDEX_FILE]);
});

test("pytorch_model.bin is read where there are no safetensors, and so are its shards", async () => {
  const file = (await goldenFile("file-kinds/legacy.pth"))!;
  const whole = await readWeights(memoryFolder({ "pytorch_model.bin": file }));
  expect(whole.size).toBe(32);
  const weight_map = Object.fromEntries([...whole.keys()].map((name) => [name, "pytorch_model-00001-of-00001.bin"]));
  const sharded = { "pytorch_model.bin.index.json": { weight_map }, "pytorch_model-00001-of-00001.bin": file };
  expect(await readWeights(memoryFolder(sharded))).toEqual(whole);
});
