import type { Size } from "../../contract/geometry.ts";
import type { Activation } from "../../layers/activation.ts";
import { convolvedLength } from "../../layers/convolved-length.ts";

/** Basic residual blocks of one width; the first of them takes the stride. */
export type ResidualStage = {
  readonly channels: number;
  readonly blocks: number;
  readonly stride: number;
};

/** The self-attention module and its place. */
export type MapAttention = {
  readonly afterStage: number; // index: the module reads this stage's map
  readonly innerChannels: number; // of query, key and value
  readonly scaled: boolean; // scores divided by √innerChannels
};

/**
 * All that tells one attention CNN from another: a 3×3 stem, residual stages (He et al. 2016), and between them one
 * self-attention module of 1×1 convolutions (Zhang et al. 2019).
 */
export type AttentionCnnConfig = {
  readonly imageSize: Size; // pixels
  readonly channels: number; // of the image
  readonly stem: { readonly channels: number; readonly stride: number };
  readonly stages: readonly ResidualStage[];
  readonly activation: Activation;
  readonly batchNormEpsilon: number;
  readonly attention: MapAttention | null; // null: the plain CNN, for comparison
  readonly classes: number; // 0: no head
};

export const KERNEL_SIZE = 3; // of the stem and of both convolutions of a block

/** Height and width of a stage's map: the grid of the attention module behind it. */
export function mapSize({ imageSize, stem, stages }: AttentionCnnConfig, stage: number): Size {
  const strides = [stem, ...stages.slice(0, stage + 1)].map(({ stride }) => stride);
  const along = (length: number): number =>
    strides.reduce((size, stride) => convolvedLength(size, KERNEL_SIZE, stride), length);
  return { width: along(imageSize.width), height: along(imageSize.height) };
}

/** Channels of the last stage's map, which the head reads. */
export const featureChannels = ({ stages }: AttentionCnnConfig): number => stages[stages.length - 1]!.channels;
