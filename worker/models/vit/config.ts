import type { Size } from "../../contract/geometry.ts";
import type { Activation } from "../../layers/activation.ts";

/** All that tells one Vision Transformer from another (Dosovitskiy et al. 2021; Touvron et al. 2021 for distillation). */
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
  /** "class": the class token's final state; "mean": the mean over patch tokens. */
  readonly pooling: "class" | "mean";
  /** "tokens": the final norm runs on every token, then pooling; "pooled": pooling first (timm's fc_norm). */
  readonly finalNorm: "tokens" | "pooled";
  /** A dense + tanh layer on the class token, of bare `ViTModel` files; a classifier does not use it. */
  readonly pooler: boolean;
  readonly classes: number; // 0: no head
  readonly distillationHead: boolean; // logits are the mean of two heads
};

export const gridSize = ({ imageSize, patchSize }: VitConfig): Size => ({
  width: Math.floor(imageSize.width / patchSize.width),
  height: Math.floor(imageSize.height / patchSize.height),
});

/** The pixels, from the top left, that whole patches cover; what is left at the right and below no token sees. */
export const gridSpan = (config: VitConfig): Size => {
  const { width, height } = gridSize(config);
  return { width: width * config.patchSize.width, height: height * config.patchSize.height };
};

/** Tokens in front of the first patch: class, distillation. */
export const prefixTokens = (config: VitConfig): number => Number(config.classToken) + Number(config.distillationToken);

export const tokenCount = (config: VitConfig): number => {
  const grid = gridSize(config);
  return prefixTokens(config) + grid.width * grid.height;
};
