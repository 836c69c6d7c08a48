import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { abortError, isAbortError } from "../../worker/contract/errors.ts";
import type { ImageRecipe, RgbImage } from "../../worker/contract/pixels.ts";
import { seenArea } from "../../worker/image/recipe-geometry.ts";
import { resize } from "../../worker/image/resize.ts";
import type { LabelledPicture } from "../labelled-picture.ts";
import { rowBytes, type Shard } from "./manifest.ts";
import { writeWhole } from "../write-whole.ts";
import type { PackPlan, PlannedRow } from "./pack-plan.ts";

/** The bytes of a picture file → upright RGB; rejects for a damaged one. */
export type Decode = (bytes: Uint8Array) => Promise<RgbImage>;

export type ShardWork = {
  readonly decode: Decode;
  readonly onPicture: () => void;
  readonly signal?: AbortSignal | undefined;
};

const TOGETHER = 8; // pictures decoded at a time: a decoder may have threads

/** Packs one stretch of a split into `dir/file`, which appears when it is whole. A picture that fails is told, not fatal. */
export async function packShard(
  dir: string,
  file: string,
  stretch: readonly PlannedRow[],
  plan: PackPlan,
  work: ShardWork,
): Promise<Shard> {
  const data = Buffer.alloc(stretch.length * rowBytes(plan.side));
  const rows: Shard["rows"] = [];
  const skipped: Shard["skipped"] = [];
  for (let at = 0; at < stretch.length; at += TOGETHER) {
    if (work.signal?.aborted) throw abortError();
    const batch = stretch.slice(at, at + TOGETHER);
    const answers = await Promise.all(batch.map(({ picture }) => tryRow(picture, plan, work.decode)));
    for (const [i, answer] of answers.entries()) {
      const { source, picture } = batch[i]!;
      if ("reason" in answer) skipped.push({ source, reason: answer.reason });
      else {
        data.set(answer.data, rows.length * rowBytes(plan.side));
        rows.push({ source, classIndex: picture.classIndex });
      }
      work.onPicture();
    }
  }
  const packed = data.subarray(0, rows.length * rowBytes(plan.side));
  await writeWhole(join(dir, file), packed);
  return { file, count: rows.length, bytes: packed.length, sha256: sha256(packed), rows, skipped };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function tryRow(
  picture: LabelledPicture,
  plan: PackPlan,
  decode: Decode,
): Promise<RgbImage | { reason: string }> {
  try {
    return fitInto(picture.pixels?.() ?? (await decode(await readFile(picture.path))), plan);
  } catch (error) {
    if (isAbortError(error)) throw error;
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** picture `[h, w, 3]` → row `[side, side, 3]`, with the arithmetic that models see pictures by */
function fitInto(picture: RgbImage, { side, fit, filter }: PackPlan): RgbImage {
  const square = { width: side, height: side };
  const recipe: ImageRecipe = {
    resize: fit === "crop" ? { kind: "shortest-edge", length: side, maxLength: null } : { kind: "exact", ...square },
    filter,
    crop: square,
    rescale: null,
    normalise: null,
  };
  const { resized, crop } = seenArea(picture, recipe);
  return resize(picture, resized, filter, crop);
}
