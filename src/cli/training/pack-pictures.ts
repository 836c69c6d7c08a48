import { join } from "node:path";
import { nameSome } from "../../../datasets/name-some.ts";
import { packSplit } from "../../../datasets/pack/pack-split.ts";
import { readPacked, type PackedSplit } from "../../../datasets/pack/read-packed.ts";
import type { OpenedSplit } from "../../../datasets/open-split.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { decodeWithSharp } from "../../node/decode.ts";
import type { Output } from "../output/output.ts";
import { createProgressLine } from "../output/progress-line.ts";
import type { StartingModel } from "./starting-model.ts";

/**
 * Decodes every picture once and lays it into `dir` at `side` pixels, or the model's where that is null. Pictures that
 * cannot be read are told and left out. Throws `training-data` where a class has none that can.
 */
export async function packPictures(
  split: OpenedSplit,
  dir: string,
  side: number | null,
  { config, recipe }: StartingModel,
  output: Output,
): Promise<PackedSplit> {
  const progress = createProgressLine(process.stderr);
  const { shards, classes, classCounts } = await packSplit(split, dir, {
    side: side ?? Math.max(config.imageSize.width, config.imageSize.height),
    fit: recipe.resize?.kind === "shortest-edge" ? "crop" : "squash",
    filter: recipe.filter,
    decode: decodeWithSharp,
    onProgress: (done, total) => progress.tell(done, `reading pictures: ${done} of ${total}`),
  });
  progress.clear();
  for (const { source, reason } of shards.flatMap((shard) => shard.skipped)) {
    output.failure(join(split.root, source), new VisionError("image-corrupt", reason));
  }
  const empty = classes.filter((_, index) => classCounts[index] === 0);
  if (empty.length === 0) return readPacked(dir);
  const message = `classes: wanted a picture or more of each that can be read, got none of ${nameSome(empty)}`;
  throw new VisionError("training-data", message);
}
