import { afterEach, describe, expect, test } from "vitest";
import { cacheStorageStore } from "../../worker/checkpoint/sources/cache-storage-store.ts";
import { forgetRefused } from "../../worker/checkpoint/sources/forget-refused.ts";
import type { StoredFile } from "../../worker/checkpoint/sources/model-store.ts";
import { VisionError } from "../../worker/contract/errors.ts";

const NAME = "patchlight-models-test";
const FOLDER = "https://example.test/vit ✓/";
const URL_A = "https://example.test/vit/model.safetensors";
const URL_B = "https://example.test/vit/config.json";
const store = cacheStorageStore(NAME);

const whole = (text: string, folder = FOLDER): StoredFile => {
  const bytes = new TextEncoder().encode(text);
  return { state: "whole", bytes, total: bytes.length, folder, validator: `"v1"` };
};

afterEach(async () => void (await caches.delete(NAME)));

describe("Cache Storage", () => {
  test("gives back what was put, and nothing else", async () => {
    const part: StoredFile = { ...whole("abc"), state: "part", total: 9, validator: null };
    await store.put(URL_A, part);
    expect(await store.get(URL_A)).toEqual(part);
    expect(await store.get(URL_B)).toBeNull();
  });

  test("keeps only a view's own bytes", async () => {
    const bytes = new TextEncoder().encode("0123456789").subarray(2, 5);
    await store.put(URL_A, { ...whole(""), bytes, total: 3 });
    expect((await store.get(URL_A))?.bytes).toEqual(new TextEncoder().encode("234"));
  });

  test("a later file takes the place of an earlier part", async () => {
    await store.put(URL_A, { ...whole("abc"), state: "part", total: 9 });
    await store.put(URL_A, whole("abcdefghi"));
    expect(await store.get(URL_A)).toEqual(whole("abcdefghi"));
    expect(await store.list()).toEqual([{ origin: FOLDER, bytes: 9, files: 1 }]);
  });

  test("lists folders with their sizes, without notes of absent files", async () => {
    await store.put(URL_A, whole("12345"));
    await store.put(URL_B, whole("123"));
    await store.put(`${URL_B}x`, { ...whole("", "https://other.test/"), state: "absent" });
    expect(await store.list()).toEqual([{ origin: FOLDER, bytes: 8, files: 2 }]);
  });

  test("forgets one folder and leaves the others", async () => {
    await store.put(URL_A, whole("12345"));
    await store.put("https://other.test/config.json", whole("123", "https://other.test/"));
    await store.forget(FOLDER);
    expect(await store.get(URL_A)).toBeNull();
    expect(await store.list()).toEqual([{ origin: "https://other.test/", bytes: 3, files: 1 }]);
  });

  test("forgets a folder that was refused for what it holds", async () => {
    await store.put(URL_A, whole("12345"));
    await store.put(URL_B, { ...whole("", FOLDER), state: "absent" });
    const refused = forgetRefused(store, FOLDER, Promise.reject(new VisionError("safetensors-truncated", "short")));
    await expect(refused).rejects.toMatchObject({ code: "safetensors-truncated" });
    expect(await (await caches.open(NAME)).keys()).toEqual([]);
  });

  test("removes an entry whose length is not the one written down", async () => {
    await store.put(URL_A, whole("12345"));
    const cache = await caches.open(NAME);
    const entry = await cache.match(URL_A);
    await cache.put(URL_A, new Response("123", { headers: entry?.headers ?? {} }));
    expect(await store.get(URL_A)).toBeNull();
    expect(await cache.keys()).toEqual([]);
  });

  test("removes an entry that something else put there", async () => {
    const cache = await caches.open(NAME);
    await cache.put(URL_A, new Response("123"));
    expect(await store.get(URL_A)).toBeNull();
    expect(await cache.keys()).toEqual([]);
  });
});
