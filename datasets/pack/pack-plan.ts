import { createHash } from "node:crypto";
import { relative, sep } from "node:path";
import { VisionError } from "../../worker/contract/errors.ts";
import type { ResizeFilter } from "../../worker/contract/pixels.ts";
import type { LabelledPicture } from "../labelled-picture.ts";
import type { OpenedSplit } from "../open-split.ts";
import { FORMAT_VERSION, rowBytes } from "./manifest.ts";

const SHARD_BYTES = 64 * 2 ** 20; // held in memory while a shard is packed
const LONGEST_SIDE = 4096; // pixels; larger is a mistake

export type PackShape = {
  readonly side: number; // pixels
  readonly fit?: "crop" | "squash"; // shortest edge to `side` and cut from the middle (default), or both edges to it
  readonly filter?: ResizeFilter; // default bicubic
  readonly shardBytes?: number; // most of a shard; default 64 MiB
};

/** A picture to pack, and its name in the manifest. */
export type PlannedRow = { readonly source: string; readonly picture: LabelledPicture };

export type PackPlan = Required<Omit<PackShape, "shardBytes">> & {
  readonly id: string; // the same for the same pictures, classes and shape
  readonly stretches: readonly (readonly PlannedRow[])[]; // of the split, one for each shard
};

/** What goes into which shard. Throws `invalid-argument` for a side or shard size that makes no sense. */
export function planPacking(split: OpenedSplit, shape: PackShape): PackPlan {
  const { side, fit = "crop", filter = "bicubic", shardBytes = SHARD_BYTES } = shape;
  if (!Number.isInteger(side) || side < 1 || side > LONGEST_SIDE) {
    throw new VisionError("invalid-argument", `side: wanted a whole number of pixels, 1…${LONGEST_SIDE}, got ${side}`);
  }
  const perShard = Math.floor(shardBytes / rowBytes(side));
  if (!(perShard >= 1)) {
    throw new VisionError(
      "invalid-argument",
      `shards: wanted room for a row of ${rowBytes(side)} bytes, got ${shardBytes}`,
    );
  }
  const rows = split.pictures.map((picture) => ({ source: sourceOf(picture, split.root), picture }));
  const told = rows.map(({ source, picture }) => [source, picture.classIndex]);
  const asked = [FORMAT_VERSION, split.layout, split.split, split.classes, side, fit, filter, perShard, told];
  const id = createHash("sha256").update(JSON.stringify(asked)).digest("hex");
  return { id, side, fit, filter, stretches: chunk(rows, perShard) };
}

/** The same on every machine: below the data set's folder, parts joined by `/`. */
const sourceOf = ({ path }: LabelledPicture, root: string): string => relative(root, path).split(sep).join("/");

const chunk = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
