import {
  dispose,
  divNoNan,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { MapAttentionShown } from "../contract/lab.ts";
import type { Pause } from "../contract/turns.ts";
import type { AttentionCnn } from "../models/attention-cnn/attention-cnn.ts";
import { mapSize } from "../models/attention-cnn/config.ts";
import { runAttentionCnn } from "../models/attention-cnn/run-attention-cnn.ts";
import type { SpatialSelfAttention } from "../layers/spatial-self-attention.ts";
import { takeValues } from "../layers/take-values.ts";

export type MapAttentionFindings = Omit<MapAttentionShown, "seen" | "answer"> & {
  readonly logits: { readonly trained: Float32Array; readonly gated: Float32Array }; // [classes]
};

/**
 * Where each position of the map looked in one image `[1, height, width, C]`, and what γ, times `gate`, lets through.
 * Throws `invalid-argument` for a CNN without the module.
 */
export async function showMapAttention(
  cnn: AttentionCnn,
  image: Tensor4D,
  gate: number,
  pause: Pause,
): Promise<MapAttentionFindings> {
  const { attention } = cnn.config;
  const module = cnn.stages.find((stage) => stage.attention)?.attention;
  if (!attention || !module) throw new VisionError("invalid-argument", "This CNN has no self-attention to show.");
  const trained = await logitsOf(cnn, image, pause);
  const gamma = mul<Tensor1D>(module.gamma, gate);
  try {
    const before = `stages.${attention.afterStage}` as const;
    const stages = await runAttentionCnn(withGamma(cnn, module, gamma), image, {
      stages: [before, "attention.weights", "attention.output", "logits"],
      pause,
    });
    const take = (stage: Parameters<typeof stages.get>[0]): Promise<Float32Array> => takeValues(stages.get(stage)!);
    const added = shareAdded(stages.get(before) as Tensor4D, stages.get("attention.output") as Tensor4D);
    return {
      grid: mapSize(cnn.config, attention.afterStage),
      inner: attention.innerChannels,
      weights: await take("attention.weights"),
      added: await takeValues(added),
      gamma: (await gamma.data())[0]!,
      logits: { trained, gated: await take("logits") },
    };
  } finally {
    gamma.dispose();
  }
}

async function logitsOf(cnn: AttentionCnn, image: Tensor4D, pause: Pause): Promise<Float32Array> {
  const stages = await runAttentionCnn(cnn, image, { stages: ["logits"], pause });
  return takeValues(stages.get("logits")!);
}

const withGamma = (cnn: AttentionCnn, module: SpatialSelfAttention, gamma: Tensor1D): AttentionCnn => ({
  ...cnn,
  stages: cnn.stages.map((stage) => (stage.attention ? { ...stage, attention: { ...module, gamma } } : stage)),
});

/** Maps `[1, H, W, C]` before and behind the module → what it added over what was there, `[H·W]`. Both maps are gone. */
function shareAdded(before: Tensor4D, output: Tensor4D): Tensor {
  const share = tidy(() => reshape(divNoNan(lengths(sub(output, before)), lengths(before)), [-1]));
  dispose([before, output]);
  return share;
}

const lengths = (map: Tensor): Tensor => sqrt(sum(square(map), -1));
