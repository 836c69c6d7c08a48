import type { Size } from "../contract/geometry.ts";
import type { Engine } from "./engine.ts";

/** What an engine needs to know of an attention CNN; an `AttentionCnnConfig` is one. */
export type CnnPlan = {
  readonly imageSize: Size; // pixels
  readonly channels: number; // of the image
  readonly stem: { readonly channels: number; readonly stride: number };
  readonly stages: readonly { readonly channels: number; readonly blocks: number; readonly stride: number }[];
  readonly activation: string;
  readonly batchNormEpsilon: number;
  readonly attention: {
    readonly afterStage: number;
    readonly innerChannels: number;
    readonly scaled: boolean;
  } | null;
  readonly classes: number; // 0: no head
};

/** The points of a forward pass that can be read back, by the names of `AttentionCnnStage` (models/attention-cnn). */
export type CnnEngineStage =
  "stem" | `stages.${number}` | "attention.weights" | "attention.output" | "features" | "pooled" | "logits";

/** An attention CNN; it pauses before every residual block, the module and what is read out. Images of its size alone. */
export type CnnEngine = Engine<CnnEngineStage>;
