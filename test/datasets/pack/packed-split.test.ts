import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSplit, type OpenedSplit } from "../../../datasets/open-split.ts";
import { packSplit, type PackOptions } from "../../../datasets/pack/pack-split.ts";
import { readPacked } from "../../../datasets/pack/read-packed.ts";
import { decodeWithSharp } from "../../../src/node/decode.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { cifarRecord, joinRecords } from "../cifar-records.ts";
import { putFiles } from "../put-files.ts";

let dir: string;
let out: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "patchlight-pack-"));
  out = join(dir, "packed");
});
afterEach(() => rm(dir, { recursive: true }));

const SIDE = 4;
const ROW = SIDE * SIDE * 3; // bytes
const plain = (value: number): Promise<Buffer> =>
  sharp({ create: { width: 9, height: 6, channels: 3, background: { r: value, g: 0, b: 255 } } })
    .png()
    .toBuffer();

/** Seven pictures of two classes and one of none; `cat/2.png` is damaged. */
async function pets(): Promise<OpenedSplit> {
  const names = ["cat/1.png", "cat/2.png", "cat/3.png", "dog/4.png", "dog/5.png", "dog/6.png", "dog/7.png"];
  for (const [at, name] of names.entries()) {
    const bytes = at === 1 ? (await plain(at)).subarray(0, 60) : await plain(at);
    await putFiles(dir, { [`set/val/${name}`]: bytes, "set/val/owl/note.txt": "" });
  }
  return openSplit(join(dir, "set"), "val");
}

const options: PackOptions = { side: SIDE, shardBytes: 3 * ROW + 1, decode: decodeWithSharp };

/** Red of the first pixel of each row, and its class. */
async function rowsOf(folder: string): Promise<[red: number, classIndex: number, source: string][]> {
  const packed = await readPacked(folder);
  const rows = Array.from({ length: packed.length }, (_, index) => packed.read(packed.length - 1 - index));
  return (await Promise.all(rows))
    .reverse()
    .map(({ pixels, classIndex, source }) => [pixels.data[0]!, classIndex, source]);
}

const PETS = [
  [0, 0, "val/cat/1.png"],
  [2, 0, "val/cat/3.png"],
  [3, 1, "val/dog/4.png"],
  [4, 1, "val/dog/5.png"],
  [5, 1, "val/dog/6.png"],
  [6, 1, "val/dog/7.png"],
];

describe("packing", () => {
  test("lays pictures into shards and says what they hold; a damaged picture is told and left out", async () => {
    const told: [number, number][] = [];
    const manifest = await packSplit(await pets(), out, { ...options, onProgress: (...now) => told.push(now) });
    expect(manifest).toMatchObject({
      version: 1,
      layout: "image folder",
      split: "val",
      side: SIDE,
      fit: "crop",
      filter: "bicubic",
      classes: ["cat", "dog", "owl"],
      classCounts: [2, 4, 0],
      length: 6,
    });
    expect(manifest.shards.map(({ count, skipped }) => [count, skipped.map(({ source }) => source)])).toEqual([
      [2, ["val/cat/2.png"]],
      [3, []],
      [1, []],
    ]);
    expect(manifest.shards[0]!.skipped[0]!.reason).not.toBe("");
    for (const { file, bytes, sha256 } of manifest.shards) {
      const content = await readFile(join(out, file));
      expect(content.length).toBe(bytes);
      expect(bytes).toBeLessThanOrEqual(3 * ROW);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    }
    expect((await readdir(out)).sort()).toEqual([
      "manifest.json",
      "shard-00000.bin",
      "shard-00001.bin",
      "shard-00002.bin",
    ]);
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7].map((done) => [done, 7]));
    expect(await rowsOf(out)).toEqual(PETS);
    expect((await readPacked(out)).classIndices).toEqual([0, 0, 1, 1, 1, 1]);
  });

  // Pillow 9.4: resize((21, 16), BICUBIC).crop((2, 0, 18, 16)); resize((16, 16), BILINEAR)
  test.each([
    ["crop", "bicubic", "90ab9e9b004c3a14f2160b2c57df8e20a3e16754d74db0d26bc2a3eaa88562aa"],
    ["squash", "bilinear", "89107679579645cec004032d737f335cfeec13b67d75004edafa375b0a21faf1"],
  ] as const)("makes pictures square byte for byte as Pillow does: %s, %s", async (fit, filter, sha256) => {
    const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => (at * at * 7 + at * 13) % 251);
    const pixels = (): RgbImage => ({ width: 40, height: 30, data });
    const split = { classes: ["a"], pictures: [{ path: "/x/a", classIndex: 0, pixels }], skipped: [], root: "/x" };
    const about = { layout: "test", split: "val" };
    const { shards } = await packSplit({ ...split, ...about }, out, {
      ...options,
      side: 16,
      fit,
      filter,
      shardBytes: 800,
    });
    expect(shards[0]!.sha256).toBe(sha256);
  });

  test("takes pictures that have no file of their own", async () => {
    const records = [0, 1].map((label) => cifarRecord([label], () => [label * 9, 0, 0]));
    await putFiles(join(dir, "cifar"), { "batches.meta.txt": "a\nb\n", "test_batch.bin": joinRecords(...records) });
    await packSplit(await openSplit(join(dir, "cifar"), "test"), out, options);
    expect(await rowsOf(out)).toEqual([
      [0, 0, "test_batch.bin#0"],
      [9, 1, "test_batch.bin#1"],
    ]);
  });
});

describe("packing again", () => {
  let decoded = 0;
  const counting: PackOptions = { ...options, decode: (bytes) => ((decoded += 1), decodeWithSharp(bytes)) };
  beforeEach(() => (decoded = 0));

  test("goes on with the shards it has after it was stopped", async () => {
    const split = await pets();
    const stop = new AbortController();
    const onProgress = (done: number): void => void (done === 3 && stop.abort());
    const stopped = packSplit(split, out, { ...options, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    await expect(readPacked(out)).rejects.toMatchObject({ code: "source-not-found" });
    await writeFile(join(out, "shard-00001.bin.unfinished"), "half");
    const told: number[] = [];
    await packSplit(split, out, { ...counting, onProgress: (done) => told.push(done) });
    expect(decoded).toBe(4);
    expect(told).toEqual([3, 4, 5, 6, 7]);
    expect(await rowsOf(out)).toEqual(PETS);
    expect(await readdir(out)).toHaveLength(4);
  });

  test("does nothing where all is done, and replaces what is gone or cut short", async () => {
    const split = await pets();
    const first = await packSplit(split, out, options);
    expect(await packSplit(split, out, counting)).toEqual(first);
    expect(decoded).toBe(0);
    await rm(join(out, "shard-00001.bin"));
    await truncate(join(out, "shard-00002.bin"), 5);
    expect(await packSplit(split, out, counting)).toEqual(first);
    expect(decoded).toBe(4);
    expect(await rowsOf(out)).toEqual(PETS);
  });

  test("refuses a folder with another packing", async () => {
    const split = await pets();
    await packSplit(split, out, options);
    const other = packSplit(split, out, { ...options, side: 5 });
    await expect(other).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("another"),
    });
    expect(await rowsOf(out)).toEqual(PETS);
  });
});

describe("a packed split refuses", () => {
  test("rows of a damaged shard, and gives those of the others", async () => {
    await packSplit(await pets(), out, options);
    const file = join(out, "shard-00001.bin");
    const bytes = await readFile(file);
    await writeFile(file, bytes.with(7, bytes[7]! ^ 1));
    const packed = await readPacked(out);
    for (const row of [2, 4]) {
      await expect(packed.read(row)).rejects.toMatchObject({
        code: "source-checksum",
        message: expect.stringContaining("shard-00001.bin"),
      });
    }
    expect(await packed.read(1)).toMatchObject({ source: "val/cat/3.png" });
    expect(await packed.read(5)).toMatchObject({ source: "val/dog/7.png" });
    await expect(packed.read(6)).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(packed.read(0.5)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("to open where a shard is gone or cut short", async () => {
    await packSplit(await pets(), out, options);
    await truncate(join(out, "shard-00000.bin"), 5);
    await expect(readPacked(out)).rejects.toThrow(/shard-00000\.bin: wanted 96 bytes, got 5 bytes/);
    await rm(join(out, "shard-00000.bin"));
    await expect(readPacked(out)).rejects.toMatchObject({ code: "source-truncated" });
  });

  test.each([
    ["cut short", (text: string) => text.slice(0, 50), /no JSON/],
    ["of a later format", (text: string) => text.replace('"version":1', '"version":2'), /version/],
    ["that leads elsewhere", (text: string) => text.replace("shard-00000.bin", "../shard.bin"), /shards\.0\.file/],
    ["that counts wrong", (text: string) => text.replace('"length":6', '"length":7'), /length of 7 for 6 rows/],
    ["with a class it has not", (text: string) => text.replace('"classIndex":1', '"classIndex":3'), /class 3 of 3/],
  ])("a manifest %s", async (_, change, message) => {
    await packSplit(await pets(), out, options);
    const path = join(out, "manifest.json");
    await writeFile(path, change(await readFile(path, "utf8")));
    await expect(readPacked(out)).rejects.toMatchObject({
      code: "config-malformed",
      message: expect.stringMatching(message),
    });
  });
});

describe("packing refuses", () => {
  test.each([
    ["a side of nothing", { side: 0 }, /1…4096, got 0/],
    ["a shard without room", { shardBytes: ROW - 1 }, /room for a row of 48 bytes, got 47/],
  ])("%s", async (_, wrong, message) => {
    await expect(packSplit(await pets(), out, { ...options, ...wrong })).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(message),
    });
  });

  test("pictures of which none can be read", async () => {
    const decode = () => Promise.reject(new Error("no decoder"));
    await expect(packSplit(await pets(), out, { ...options, decode })).rejects.toThrow("val/cat/1.png: no decoder");
  });
});
