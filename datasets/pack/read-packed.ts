import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { VisionError } from "../../worker/contract/errors.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import { type Manifest, readManifest, rowBytes, type Shard, toPicture } from "./manifest.ts";

export type PackedRow = { readonly pixels: RgbImage; readonly classIndex: number; readonly source: string };

/** A packed split; one row at a time comes into memory. */
export type PackedSplit = {
  readonly classes: readonly string[];
  readonly classIndices: readonly number[]; // [length], of each row
  readonly length: number; // rows
  readonly side: number; // pixels, of every row
  readonly manifest: Manifest;
  readonly read: (index: number) => Promise<PackedRow>;
};

/**
 * Opens what `packSplit` wrote. Throws `source-not-found` and `config-malformed` as its manifest does, and
 * `source-truncated` for a shard that is missing or too short. `read` checks a shard's sha256 before its first row and
 * rejects with `source-checksum` for each row of a damaged one, with `invalid-argument` for an index out of range.
 */
export async function readPacked(dir: string): Promise<PackedSplit> {
  const manifest = await readManifest(dir);
  const { classes, length, side, shards } = manifest;
  await Promise.all(shards.map((shard) => expectFile(dir, shard)));
  const verify = verifyOnce(dir);
  const starts = firstRows(shards);
  const read = async (index: number): Promise<PackedRow> => {
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new VisionError("invalid-argument", `row: wanted a whole number from 0 below ${length}, got ${index}`);
    }
    const at = findShard(starts, index);
    const shard = shards[at]!;
    await verify(shard);
    const row = index - starts[at]!;
    return { pixels: toPicture(await readRow(join(dir, shard.file), row, side), side), ...shard.rows[row]! };
  };
  const classIndices = shards.flatMap(({ rows }) => rows.map(({ classIndex }) => classIndex));
  return { classes, classIndices, length, side, manifest, read };
}

async function expectFile(dir: string, { file, bytes }: Shard): Promise<void> {
  const got = await stat(join(dir, file)).then(
    ({ size }) => `${size} bytes`,
    () => "no such file",
  );
  if (got === `${bytes} bytes`) return;
  throw new VisionError(
    "source-truncated",
    `${join(dir, file)}: wanted ${bytes} bytes, got ${got}; pack the split again`,
  );
}

/** A check of each shard that runs once, however many rows ask for it together. */
function verifyOnce(dir: string): (shard: Shard) => Promise<void> {
  const checks = new Map<string, Promise<void>>();
  return (shard) => {
    const check = checks.get(shard.file) ?? expectSum(join(dir, shard.file), shard.sha256);
    checks.set(shard.file, check);
    return check;
  };
}

async function expectSum(path: string, wanted: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const got = hash.digest("hex");
  if (got === wanted) return;
  const message = `${path}: wanted sha256 ${wanted}, got ${got}: it is damaged; delete it and pack the split again`;
  throw new VisionError("source-checksum", message);
}

const firstRows = (shards: readonly Shard[]): number[] => {
  let next = 0;
  return shards.map(({ count }) => (next += count) - count);
};

/** The last shard that starts at or before a row; one without a row starts where the next does. */
function findShard(starts: readonly number[], row: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The file is open for this row alone: as many shards as there are need no handle each, and nothing is to be closed. */
async function readRow(path: string, row: number, side: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const data = new Uint8Array(rowBytes(side));
    const { bytesRead } = await file.read(data, 0, data.length, row * data.length);
    if (bytesRead === data.length) return data;
    throw new VisionError("source-truncated", `${path}: wanted ${data.length} bytes at row ${row}, got ${bytesRead}`);
  } finally {
    await file.close();
  }
}
