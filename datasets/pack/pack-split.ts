import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { VisionError } from "../../worker/contract/errors.ts";
import { countByClass } from "../class-counts.ts";
import type { OpenedSplit } from "../open-split.ts";
import { type Manifest, FORMAT_VERSION, MANIFEST, readManifest, Shard } from "./manifest.ts";
import { type PackPlan, type PackShape, planPacking } from "./pack-plan.ts";
import { writeWhole } from "../write-whole.ts";
import { type Decode, packShard } from "./pack-shard.ts";

export type PackOptions = PackShape & {
  readonly decode: Decode;
  readonly onProgress?: (done: number, total: number) => void; // pictures
  readonly signal?: AbortSignal;
};

/** What stands beside a finished shard until all are. */
const Note = v.object({ plan: v.string(), shard: Shard });

/**
 * Packs a split into a folder: every picture decoded once, made square with Pillow's arithmetic and laid into shards
 * of rows `[side, side, 3]`, with `manifest.json` to say what they hold. A picture that cannot be read is told there
 * and left out. Called again after it was stopped, it goes on with the shards it has; called again for a finished
 * packing, it replaces the shards that are gone. Throws `invalid-argument` for a folder that holds another packing,
 * `source-unsupported` where not one picture could be read.
 */
export async function packSplit(split: OpenedSplit, dir: string, options: PackOptions): Promise<Manifest> {
  const plan = planPacking(split, options);
  await mkdir(dir, { recursive: true });
  const finished = await readFinished(dir, plan.id);
  const total = split.pictures.length;
  let done = 0;
  const tell = (pictures: number): void => options.onProgress?.((done += pictures), total);
  const shards: Shard[] = [];
  for (const [at, stretch] of plan.stretches.entries()) {
    const file = `shard-${String(at).padStart(5, "0")}.bin`;
    const kept = finished.get(file);
    if (kept) tell(stretch.length);
    const work = { ...options, onPicture: () => tell(1) };
    const shard = kept ?? (await packShard(dir, file, stretch, plan, work));
    if (!kept) await writeWhole(join(dir, noteOf(file)), JSON.stringify({ plan: plan.id, shard }));
    shards.push(shard);
  }
  return finish(split, dir, plan, shards);
}

const noteOf = (file: string): string => file.replace(/bin$/, "json");

/** Shards of this plan that lie there whole, by file. */
async function readFinished(dir: string, plan: string): Promise<Map<string, Shard>> {
  const files = await readdir(dir);
  const notes: v.InferOutput<typeof Note>[] = [];
  if (files.includes(MANIFEST)) {
    const manifest = await readManifest(dir);
    notes.push(...manifest.shards.map((shard) => ({ plan: manifest.plan, shard })));
  }
  for (const file of files.filter((name) => /^shard-\d+\.json$/.test(name))) {
    notes.push(...(await readNote(join(dir, file))));
  }
  if (notes.some((note) => note.plan !== plan)) {
    const message = `${dir}: expected an empty folder or this packing's own, got another packing; choose another folder`;
    throw new VisionError("invalid-argument", message);
  }
  const finished = new Map<string, Shard>();
  for (const { shard } of notes) {
    const found = await stat(join(dir, shard.file)).catch(() => null);
    if (found?.size === shard.bytes) finished.set(shard.file, shard);
  }
  return finished;
}

/** Nothing for a note that cannot be read: its shard is packed again. */
async function readNote(path: string): Promise<v.InferOutput<typeof Note>[]> {
  try {
    return [v.parse(Note, JSON.parse(await readFile(path, "utf8")))];
  } catch {
    return [];
  }
}

/** The manifest first, then the notes it makes superfluous. */
async function finish(split: OpenedSplit, dir: string, plan: PackPlan, shards: Shard[]): Promise<Manifest> {
  const { classes, layout } = split;
  const { id, side, fit, filter } = plan;
  const rows = shards.flatMap((shard) => shard.rows);
  if (rows.length === 0) {
    const [first] = shards.flatMap(({ skipped }) => skipped);
    const got = first ? `none; ${first.source}: ${first.reason}` : "none";
    throw new VisionError("source-unsupported", `packing: wanted at least one picture that can be read, got ${got}`);
  }
  const classCounts = countByClass({ classes, pictures: rows.map(({ classIndex }) => ({ path: "", classIndex })) });
  const about = { version: FORMAT_VERSION, plan: id, layout, split: split.split, side, fit, filter } as const;
  const manifest: Manifest = { ...about, classes: [...classes], classCounts, length: rows.length, shards };
  await writeWhole(join(dir, MANIFEST), JSON.stringify(manifest));
  for (const { file } of shards) await rm(join(dir, noteOf(file)), { force: true });
  return manifest;
}
