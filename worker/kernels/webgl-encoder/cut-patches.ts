import type { EncoderPlan } from "../encoder-engine.ts";
import type { Dimensions } from "./dimensions.ts";

/**
 * images `[B, height, width, C]` → patches in the rows of their tokens, `[B · seats, P·P·C]`, each in the order (y, x,
 * channel). Pixels past the last whole patch are left out.
 */
export function cutPatches(
  images: Float32Array,
  { imageSize, patchSize, channels }: EncoderPlan,
  { grid, prefix, seats, patch }: Dimensions,
  into: Float32Array,
): void {
  const line = imageSize.width * channels;
  const run = patchSize.width * channels;
  const count = images.length / (imageSize.height * line);
  for (let image = 0, row = 0; image < count; image++) {
    for (let y = 0; y < imageSize.height; y++, row++) {
      const cell = Math.floor(y / patchSize.height);
      if (cell >= grid.rows) continue;
      const inPatch = (y - cell * patchSize.height) * run;
      for (let column = 0; column < grid.columns; column++) {
        const to = (image * seats + prefix + cell * grid.columns + column) * patch + inPatch;
        const from = row * line + column * run;
        into.set(images.subarray(from, from + run), to);
      }
    }
  }
}
