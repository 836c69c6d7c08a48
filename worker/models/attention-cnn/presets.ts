import type { AttentionCnnConfig } from "./config.ts";

/** For pictures of 64 px: maps of 32, 16 and 8 px a side, and attention between the 256 positions of the second. */
const BASE: AttentionCnnConfig = {
  imageSize: { width: 64, height: 64 },
  channels: 3,
  stem: { channels: 64, stride: 1 },
  stages: [
    { channels: 64, blocks: 2, stride: 2 },
    { channels: 128, blocks: 4, stride: 2 },
    { channels: 256, blocks: 2, stride: 2 },
  ],
  activation: "relu",
  batchNormEpsilon: 1e-5, // PyTorch's
  attention: { afterStage: 1, innerChannels: 64, scaled: true },
  classes: 200,
};

/** Named shapes. `plain` is the ablation; `fine` keeps every map twice as large, at four times the work. */
export const ATTENTION_CNN_PRESETS = {
  "attention-cnn-64": BASE,
  "attention-cnn-64-grid8": { ...BASE, attention: { afterStage: 2, innerChannels: 128, scaled: true } },
  "attention-cnn-64-fine": {
    ...BASE,
    stages: BASE.stages.map((stage, index) => (index === 0 ? { ...stage, stride: 1 } : stage)),
    attention: { afterStage: 2, innerChannels: 128, scaled: true },
  },
  "plain-cnn-64": { ...BASE, attention: null },
} as const satisfies Record<string, AttentionCnnConfig>;
