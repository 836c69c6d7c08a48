import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import type { VitConfig } from "../../../worker/models/vit/config.ts";
import type { Adaptation } from "../../../worker/training/anatomy.ts";
import { trainableAttentionCnn } from "../../../worker/training/attention-cnn/trainable-attention-cnn.ts";
import type { TrainableModel } from "../../../worker/training/trainable-model.ts";
import { trainableVit } from "../../../worker/training/vit/trainable-vit.ts";
import { createRandom } from "../../../worker/contract/random.ts";

/** The models of test/golden/training/make_steps.py. */
export const TINY_VIT: VitConfig = {
  imageSize: { width: 8, height: 12 },
  patchSize: { width: 4, height: 4 },
  channels: 3,
  hiddenSize: 16,
  layers: 2,
  heads: 2,
  intermediateSize: 24,
  activation: "gelu",
  layerNormEpsilon: 1e-6,
  queryKeyValueBias: true,
  classToken: true,
  distillationToken: false,
  registers: 0,
  positionSize: null,
  positionFilter: "bicubic",
  pooling: "class",
  finalNorm: "tokens",
  pooler: false,
  classes: 5,
  distillationHead: false,
  patchHead: false,
};

export const TINY_CNN: AttentionCnnConfig = {
  imageSize: { width: 10, height: 12 },
  channels: 3,
  stem: { channels: 4, stride: 1 },
  stages: [
    { channels: 6, blocks: 1, stride: 2 },
    { channels: 8, blocks: 2, stride: 2 },
  ],
  activation: "relu",
  batchNormEpsilon: 1e-5,
  attention: { afterStage: 0, innerChannels: 3, scaled: true },
  classes: 5,
};

export type TinyKind = "vit" | "cnn";

export const tinyConfig = { vit: TINY_VIT, cnn: TINY_CNN } as const;

type Read = (name: string) => Float32Array;

/** One of the two on the current backend; adapters are drawn from a fixed seed. */
export const placeTiny = (kind: TinyKind, read: Read, adaptation: Adaptation = { kind: "all" }): TrainableModel =>
  kind === "vit"
    ? trainableVit(TINY_VIT, read, adaptation, createRandom(3))
    : trainableAttentionCnn(TINY_CNN, read, adaptation, createRandom(3));
