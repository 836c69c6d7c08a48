import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Pause } from "../contract/turns.ts";
import type { AttentionCnn } from "../models/attention-cnn/attention-cnn.ts";
import type { AttentionCnnConfig } from "../models/attention-cnn/config.ts";
import { runAttentionCnn } from "../models/attention-cnn/run-attention-cnn.ts";
import type { ExplainRun } from "./explain-run.ts";
import { isOfItsSize } from "./is-of-its-size.ts";

/** A CNN on an engine of its own; it is composed of tensors for gradients and other sizes. */
export type EngineCnn = {
  readonly config: AttentionCnnConfig;
  /** image `[1, height, width, C]` of the model's size → its module's weights `[1, 1, HW, HW]`; the caller owns them. */
  weights(image: Tensor4D, pause: Pause | undefined): Promise<Tensor4D>;
  /** The same model, which stays the engine's. */
  compose(pause: Pause | undefined): Promise<AttentionCnn>;
};

export type AnyCnn = AttentionCnn | EngineCnn;

export const composedCnn = async (cnn: AnyCnn, { pause }: ExplainRun): Promise<AttentionCnn> =>
  "compose" in cnn ? cnn.compose(pause) : cnn;

/** image `[1, height, width, C]` → the module's weights `[1, 1, HW, HW]`, which the caller owns. */
export async function moduleWeights(cnn: AnyCnn, image: Tensor4D, run: ExplainRun): Promise<Tensor4D> {
  if ("compose" in cnn && isOfItsSize(cnn.config, image)) return cnn.weights(image, run.pause);
  const { pause, anySize } = run;
  const stages = await runAttentionCnn(await composedCnn(cnn, run), image, {
    stages: ["attention.weights"],
    pause,
    anySize,
  });
  return stages.get("attention.weights") as Tensor4D;
}
