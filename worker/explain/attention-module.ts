import type { Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Size } from "../contract/geometry.ts";
import type { AttentionCnn } from "../models/attention-cnn/attention-cnn.ts";
import { mapSize } from "../models/attention-cnn/config.ts";
import { runAttentionCnn } from "../models/attention-cnn/run-attention-cnn.ts";
import type { ExplainRun } from "./explain-run.ts";

/** Where each position of a CNN's map looked, and the map's size. */
export type ModuleAttention = {
  readonly weights: Tensor4D; // [1, 1, HW, HW]
  readonly grid: Size; // positions
};

/**
 * Runs a CNN up to its attention module. image `[1, height, width, C]`; the caller owns the weights. Throws
 * `invalid-argument` for a CNN without the module.
 */
export async function readModule(cnn: AttentionCnn, image: Tensor4D, run: ExplainRun): Promise<ModuleAttention> {
  const { attention } = cnn.config;
  if (!attention) throw new VisionError("invalid-argument", "This CNN has no attention module; ask for grad-cam.");
  const { pause, anySize } = run;
  const stages = await runAttentionCnn(cnn, image, { stages: ["attention.weights"], pause, anySize });
  const [, height, width] = image.shape;
  const grid = mapSize({ ...cnn.config, imageSize: { width, height } }, attention.afterStage);
  return { weights: stages.get("attention.weights") as Tensor4D, grid };
}
