import type { Size } from "../contract/geometry.ts";

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
  readonly pooling: "class" | "mean";
  readonly finalNorm: "tokens" | "pooled";
  readonly pooler: boolean;
  readonly classes: number; // 0: no head
  readonly distillationHead: boolean;
};

/** The points of a forward pass that can be read back, by the names of `VitStage` (models/vit/stages.ts). */
export type EngineStage =
  | "tokens"
  | `blocks.${number}.attention`
  | `blocks.${number}.output`
  | "encoded"
  | "pooled"
  | "pooler_output"
  | "logits";

/** Values on the host, row-major, float32. */
export type EngineArray = { readonly shape: readonly number[]; readonly values: Float32Array };

export type EngineRun = {
  readonly stages: readonly EngineStage[]; // nothing behind the last of them is computed
  /** Of attentions, only the rows of these tokens: `[B, H, count, T]`. All by default. */
  readonly queries?: { readonly first: number; readonly count: number } | undefined;
  /** Awaited after the embedding and after every block; throw from it to stop. */
  readonly pause?: (() => Promise<void>) | undefined;
};

/** A whole Vision Transformer on one device, without a tensor library between its steps. */
export type EncoderEngine = {
  /** images `[B, height, width, C]`, normalised, row-major → the stages asked for, as `runVit` gives them. */
  run(images: EngineArray, run: EngineRun): Promise<Map<EngineStage, EngineArray>>;
  /** Bytes the engine holds on its device: weights, and activations of the largest batch so far. */
  readonly bytes: () => number;
  release(): void;
};
