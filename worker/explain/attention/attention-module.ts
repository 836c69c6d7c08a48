import type { Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Size } from "../../contract/geometry.ts";
import { mapSize } from "../../models/attention-cnn/config.ts";
import { moduleWeights, type AnyCnn } from "../engine-cnn.ts";
import type { ExplainRun } from "../explain-run.ts";

/** Where each position of a CNN's map looked, and the map's size. */
export type ModuleAttention = {
  readonly weights: Tensor4D; // [1, 1, HW, HW]
  readonly grid: Size; // positions
};

/**
 * Runs a CNN up to its attention module. image `[1, height, width, C]`; the caller owns the weights. Throws
 * `invalid-argument` for a CNN without the module.
 */
export async function readModule(cnn: AnyCnn, image: Tensor4D, run: ExplainRun): Promise<ModuleAttention> {
  const { attention } = cnn.config;
  if (!attention) throw new VisionError("invalid-argument", "This CNN has no attention module; ask for grad-cam.");
  const [, height, width] = image.shape;
  const grid = mapSize({ ...cnn.config, imageSize: { width, height } }, attention.afterStage);
  return { weights: await moduleWeights(cnn, image, run), grid };
}
