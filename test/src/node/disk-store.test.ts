import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskStore } from "../../../src/node/disk-store.ts";
import type { StoredFile } from "../../../worker/checkpoint/sources/model-store.ts";

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "patchlight-store-"))));
afterEach(() => rm(folder, { recursive: true }));

const file = (origin: string, state: StoredFile["state"], ...bytes: number[]): StoredFile => ({
  state,
  bytes: new Uint8Array(bytes),
  total: bytes.length,
  folder: origin,
  validator: null,
});

test("gives back what was put, lists it by model and forgets one model", async () => {
  const store = diskStore(folder);
  const weights = file("https://a/", "whole", 1, 2, 3);
  await store.put("https://a/model.safetensors", weights);
  await store.put("https://a/none.json", file("https://a/", "absent"));
  await store.put("https://b/config.json", file("https://b/", "whole", 4));
  expect(await store.get("https://a/model.safetensors")).toEqual(weights);
  expect(await store.get("https://a/none.json")).toMatchObject({ state: "absent" });
  expect(await store.get("https://a/other")).toBeNull();
  expect(await store.list()).toEqual(
    expect.arrayContaining([
      { origin: "https://a/", bytes: 3, files: 1 },
      { origin: "https://b/", bytes: 1, files: 1 },
    ]),
  );
  await store.forget("https://a/");
  expect(await store.get("https://a/model.safetensors")).toBeNull();
  expect(await store.list()).toEqual([{ origin: "https://b/", bytes: 1, files: 1 }]);
});

test("a file cut short counts as missing", async () => {
  const store = diskStore(folder);
  await store.put("https://a/x", file("https://a/", "whole", 1, 2, 3));
  const [bytes] = (await readdir(folder)).filter((name) => !name.endsWith(".json"));
  await truncate(join(folder, bytes!), 2);
  expect(await store.get("https://a/x")).toBeNull();
});

test("an empty store lists nothing", async () => {
  expect(await diskStore(join(folder, "not-there-yet")).list()).toEqual([]);
});
