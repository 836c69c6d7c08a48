import type { Convolution } from "../../layers/conv2d.ts";
import type { Linear } from "../../layers/linear.ts";
import type { ResidualBlock } from "../../layers/residual-block.ts";
import type { SpatialSelfAttention } from "../../layers/spatial-self-attention.ts";
import { releaseParts } from "../parts.ts";
import type { AttentionCnnConfig } from "./config.ts";

/** Residual blocks of one width, and the self-attention module behind them, if this is its place. */
export type CnnStage = {
  readonly blocks: readonly ResidualBlock[];
  readonly attention: SpatialSelfAttention | null;
};

/** An attention CNN on the device, batch normalisation folded into its convolutions. `releaseAttentionCnn` ends it. */
export type AttentionCnn = {
  readonly config: AttentionCnnConfig;
  readonly stem: Convolution; // [3, 3, channels, C]
  readonly stages: readonly CnnStage[];
  readonly head: Linear | null; // [C, classes]
};

export const releaseAttentionCnn: (cnn: AttentionCnn) => void = releaseParts;
