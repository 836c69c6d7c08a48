import { tensor2d, tensor4d, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { TrainingBatch } from "./training-data.ts";

export type PlacedBatch = {
  readonly images: Tensor4D; // [B, height, width, C]
  readonly targets: Tensor2D; // [B, classes]
};

/** Puts a batch on the current backend; the caller disposes it. */
export const placeBatch = ({ shape, pixels, targets }: TrainingBatch): PlacedBatch => ({
  images: tensor4d(pixels, [...shape]),
  targets: tensor2d(targets, [shape[0], targets.length / shape[0]]),
});
