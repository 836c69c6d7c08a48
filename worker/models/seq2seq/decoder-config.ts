import type { TransformerConfig as DecoderConfig } from "../captioner/config.ts";
import type { TransformerConfig } from "./config.ts";

/** The decoder of a Transformer, which tells of a source as a captioner tells of a photo. */
export const decoderConfig = (config: TransformerConfig): DecoderConfig => ({
  vocabularySize: config.targetSize,
  memorySize: config.hiddenSize,
  hiddenSize: config.hiddenSize,
  layers: config.layers,
  heads: config.heads,
  intermediateSize: config.intermediateSize,
  activation: "relu",
  layerNormEpsilon: config.layerNormEpsilon,
  normOrder: "post",
  positions: "sinusoidal",
  maxPositions: config.maxPositions,
  tiedOutput: false,
});
