import { readFile } from "node:fs/promises";
import { channelStatistics } from "../../../datasets/channel-statistics.ts";
import type { LabelledPicture } from "../../../datasets/labelled-picture.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { decodeWithSharp } from "../../node/decode.ts";
import { createProgressLine } from "../output/progress-line.ts";
import type { Normalisation } from "./new-model.ts";

/** Mean and deviation of each colour over all pictures that can be read; packing tells those that cannot. */
export async function measureColours(pictures: readonly LabelledPicture[]): Promise<Normalisation> {
  const progress = createProgressLine(process.stderr);
  const { mean, std } = await channelStatistics(decodeAll(pictures), (done) =>
    progress.tell(done, `measuring colours: ${done} of ${pictures.length} pictures`),
  );
  progress.clear();
  return { mean, std: std.map((deviation) => deviation || 1) }; // of a colour that is the same everywhere
}

async function* decodeAll(pictures: readonly LabelledPicture[]): AsyncGenerator<RgbImage> {
  for (const { path, pixels } of pictures) {
    const picture = await (pixels ? Promise.resolve(pixels()) : readFile(path).then(decodeWithSharp)).catch(() => null);
    if (picture) yield picture;
  }
}
