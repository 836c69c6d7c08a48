import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { VisionError } from "../../worker/contract/errors.ts";
import { RESIZE_FILTERS, type RgbImage } from "../../worker/contract/pixels.ts";

export const MANIFEST = "manifest.json";
export const FORMAT_VERSION = 1; // another number for a change that an older reader would misread

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** One file of rows `[count, side, side, 3]`, 8 bits a channel; what came of the pictures of its stretch of the split. */
export const Shard = v.object({
  file: v.pipe(v.string(), v.regex(/^shard-\d{5,}\.bin$/)), // a plain name: it leads out of no folder
  count,
  bytes: count,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  rows: v.array(v.object({ source: v.string(), classIndex: count })), // [count]; source below the data set's folder
  skipped: v.array(v.object({ source: v.string(), reason: v.string() })),
});

const Manifest = v.object({
  version: v.literal(FORMAT_VERSION),
  plan: v.string(), // fingerprint of what was asked for: the same plan goes on where another was stopped
  layout: v.string(),
  split: v.string(),
  side: v.pipe(count, v.minValue(1)), // pixels
  fit: v.picklist(["crop", "squash"]),
  filter: v.picklist(RESIZE_FILTERS),
  classes: v.array(v.string()),
  classCounts: v.array(count), // rows of each class
  length: count, // rows
  shards: v.array(Shard),
});

export type Shard = v.InferOutput<typeof Shard>;
export type Manifest = v.InferOutput<typeof Manifest>;

/** A row's place among the shards is its place in the manifest, and its bytes are as many as any other's. */
export const rowBytes = (side: number): number => side * side * 3;

/** row `[side, side, 3]` → the picture */
export const toPicture = (data: Uint8Array, side: number): RgbImage => ({ width: side, height: side, data });

/** Throws `source-not-found` where there is none, `config-malformed` for one that is no such manifest or contradicts itself. */
export async function readManifest(dir: string): Promise<Manifest> {
  const path = join(dir, MANIFEST);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new VisionError("source-not-found", `${path}: expected a packed split's manifest, got no such file`, {
      cause,
    });
  });
  const manifest = checkManifest(text, path);
  const fault = findContradiction(manifest);
  if (fault !== null) throw malformed(path, fault);
  return manifest;
}

function checkManifest(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(path, "no JSON", cause);
  }
  const read = v.safeParse(Manifest, value, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw malformed(path, `${v.getDotPath(issue) ?? "a value"}: ${issue.message}`);
}

function findContradiction({ side, classes, classCounts, length, shards }: Manifest): string | null {
  const counts = classes.map(() => 0);
  for (const { file, count, bytes, rows } of shards) {
    if (rows.length !== count || bytes !== count * rowBytes(side)) {
      return `${file} of ${count} rows and ${bytes} bytes with ${rows.length} sources`;
    }
    for (const { classIndex } of rows) {
      if (classIndex >= classes.length) return `${file} with class ${classIndex} of ${classes.length}`;
      counts[classIndex]! += 1;
    }
  }
  if (counts.join() !== classCounts.join()) return "counts by class that its rows do not have";
  const rows = counts.reduce((sum, n) => sum + n, 0);
  return rows === length ? null : `a length of ${length} for ${rows} rows`;
}

const malformed = (path: string, got: string, cause?: unknown): VisionError =>
  new VisionError("config-malformed", `${path}: expected a packed split's manifest, got ${got}; pack it again`, {
    cause,
  });
