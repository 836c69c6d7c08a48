import type { Size } from "../contract/geometry.ts";
import type { Engine, EngineRun } from "./engine.ts";

/** What an engine needs to know of a Vision Transformer; a `VitConfig` is one. */
export type EncoderPlan = {
  readonly imageSize: Size; // pixels
  readonly patchSize: Size; // pixels
  readonly channels: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly activation: string; // of the feed-forward layers
  readonly layerNormEpsilon: number;
  readonly queryKeyValueBias: boolean;
  readonly classToken: boolean;
  readonly distillationToken: boolean;
  readonly registers: number;
  readonly pooling: "class" | "mean";
  readonly finalNorm: "tokens" | "pooled";
  readonly pooler: boolean;
  readonly classes: number; // 0: no head
  readonly distillationHead: boolean;
  readonly patchHead: boolean;
};

/** The points of a forward pass that can be read back, by the names of `VitStage` (models/vit/stages.ts). */
export type EncoderStage =
  | "tokens"
  | `blocks.${number}.attention`
  | `blocks.${number}.output`
  | "encoded"
  | "pooled"
  | "pooler_output"
  | "logits";

export type EncoderRun = EngineRun<EncoderStage> & {
  /** Of attentions, only the rows of these tokens: `[B, H, count, T]`. All by default. */
  readonly queries?: { readonly first: number; readonly count: number } | undefined;
};

/** A Vision Transformer; it pauses after the embedding and after every block. */
export type EncoderEngine = Engine<EncoderStage, EncoderRun>;
