import type { Size } from "../../contract/geometry.ts";
import { featureChannels, mapSize, type AttentionCnnConfig } from "../attention-cnn/config.ts";
import { gridSize, type VitConfig } from "../vit/config.ts";

/** What reads a picture: which kind of model, and its measures. */
export type EncoderConfig =
  | { readonly type: "vit"; readonly config: VitConfig }
  | { readonly type: "attention-cnn"; readonly config: AttentionCnnConfig };

/** How many numbers it tells of a picture: those that a head reads. */
export const featureSize = (encoder: EncoderConfig): number =>
  encoder.type === "vit" ? encoder.config.hiddenSize : featureChannels(encoder.config);

/** Rows and columns of its last hidden state: of patches, or of the last map's places. */
export const featureGrid = (encoder: EncoderConfig): Size =>
  encoder.type === "vit" ? gridSize(encoder.config) : mapSize(encoder.config, encoder.config.stages.length - 1);

/** It with one head for so many classes, of what `pooled` tells, and no other; 0: without any. */
export const withClasses = ({ type, config }: EncoderConfig, classes: number): EncoderConfig =>
  type === "vit"
    ? { type, config: { ...config, classes, distillationHead: false, patchHead: false, pooler: false } }
    : { type, config: { ...config, classes } };
