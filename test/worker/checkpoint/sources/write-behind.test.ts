import { expect, test } from "vitest";
import type { ModelStore, StoredFile } from "../../../../worker/checkpoint/sources/model-store.ts";
import { writeBehind } from "../../../../worker/checkpoint/sources/write-behind.ts";
import { withResolvers } from "../../../setup/with-resolvers.ts";
import { memoryStore } from "./memory-store.ts";

const file = (text: string): StoredFile => {
  const bytes = new TextEncoder().encode(text);
  return { state: "whole", bytes, total: bytes.length, folder: "f", validator: null };
};

/** A store that writes when it is let, and what has been written so far. */
function slowStore(write: (url: string) => Promise<void>) {
  const inner = memoryStore();
  const slow: ModelStore = {
    ...inner,
    list: () => Promise.resolve([{ origin: "f", bytes: 0, files: inner.files.size }]),
    async put(url, stored) {
      await write(url);
      await inner.put(url, stored);
    },
  };
  return { store: writeBehind(slow), written: inner.files };
}

test("nobody waits for a file to be written but who asks for it, for all, or for none to be left", async () => {
  const gate = withResolvers();
  const { store, written } = slowStore((url) => (url === "slow" ? gate.promise : Promise.resolve()));
  await store.put("slow", file("one"));
  await store.put("quick", file("two"));
  expect(await store.get("quick")).toEqual(file("two"));
  expect(written.has("slow")).toBe(false);
  const told: string[] = [];
  const asked = store.get("slow").then((found) => told.push(`got ${found?.total}`));
  const listed = store.list().then(([all]) => told.push(`listed ${all?.files}`));
  const forgotten = store.forget("f").then(() => told.push(`forgot, left ${written.size}`));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual([]);
  gate.resolve();
  await Promise.all([asked, listed, forgotten]);
  expect(told.toSorted()).toEqual(["forgot, left 0", "got 3", "listed 2"]);
});

test("of two files at one address the later stays, whichever takes longer", async () => {
  const waits = [20, 0];
  const { store } = slowStore(() => new Promise((resolve) => setTimeout(resolve, waits.shift())));
  await store.put("a", file("first"));
  await store.put("a", file("second"));
  expect(await store.get("a")).toEqual(file("second"));
});

test("what cannot be written is not there, and does no harm", async () => {
  let full = true;
  const { store } = slowStore(() => (full ? Promise.reject(new Error("full")) : Promise.resolve()));
  await store.put("a", file("x"));
  expect(await store.get("a")).toBeNull();
  full = false;
  await store.put("a", file("y"));
  expect(await store.get("a")).toEqual(file("y"));
});
