import type { Size } from "../../contract/geometry.ts";
import { countPrefix } from "../../kernels/prefix-tokens.ts";
import type { Activation } from "../../layers/activation.ts";

/**
 * All that tells one Vision Transformer from another (Dosovitskiy et al. 2021; Touvron et al. 2021 for distillation;
 * Darcet et al. 2024 for registers).
 */
export type VitConfig = {
  readonly imageSize: Size; // pixels
  readonly patchSize: Size; // pixels
  readonly channels: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
  readonly queryKeyValueBias: boolean;
  readonly classToken: boolean;
  readonly distillationToken: boolean;
  readonly registers: number; // tokens behind these two that stand for nothing, and have no position
  /** Pixels of the images that positions were learned for, where those are not `imageSize`; null where they are. */
  readonly positionSize: Size | null;
  /** How positions are interpolated: PyTorch's "bicubic", without and with `antialias`. */
  readonly positionFilter: "bicubic" | "antialiased";
  /** "class": the class token's final state; "mean": the mean over patch tokens. */
  readonly pooling: "class" | "mean";
  /** "tokens": the final norm runs on every token, then pooling; "pooled": pooling first (timm's fc_norm). */
  readonly finalNorm: "tokens" | "pooled";
  /** A dense + tanh layer on the class token, of bare `ViTModel` files; a classifier does not use it. */
  readonly pooler: boolean;
  readonly classes: number; // 0: no head
  readonly distillationHead: boolean; // logits are the mean of two heads
  readonly patchHead: boolean; // to the head's logits are added those of another one, of the mean over patch tokens
};

/** Whole patches across and down an image of so many pixels. */
export const gridOf = ({ width, height }: Size, { patchSize }: Pick<VitConfig, "patchSize">): Size => ({
  width: Math.floor(width / patchSize.width),
  height: Math.floor(height / patchSize.height),
});

export const gridSize = (config: VitConfig): Size => gridOf(config.imageSize, config);

/** Rows and columns of the positions that the model learned. */
export const positionGrid = (config: VitConfig): Size => gridOf(config.positionSize ?? config.imageSize, config);

/** The pixels, from the top left, that whole patches cover; what is left at the right and below no token sees. */
export const gridSpan = (config: VitConfig): Size => {
  const { width, height } = gridSize(config);
  return { width: width * config.patchSize.width, height: height * config.patchSize.height };
};

/** Tokens in front of the first patch: class, distillation, registers. */
export const prefixTokens: (config: VitConfig) => number = countPrefix;

export const tokenCount = (config: VitConfig): number => {
  const grid = gridSize(config);
  return prefixTokens(config) + grid.width * grid.height;
};
