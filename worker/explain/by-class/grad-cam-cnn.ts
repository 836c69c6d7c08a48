import { div, reshape, tidy, tile, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Size } from "../../contract/geometry.ts";
import { averageOverMap } from "../../layers/global-average-pool.ts";
import { linearRows, type Linear } from "../../layers/linear.ts";
import { convolveBlock } from "../../layers/residual-block.ts";
import { attendOverMap } from "../../layers/spatial-self-attention.ts";
import type { AttentionCnn } from "../../models/attention-cnn/attention-cnn.ts";
import { runAttentionCnn } from "../../models/attention-cnn/run-attention-cnn.ts";
import type { ExplainRun } from "../explain-run.ts";
import { inScope } from "../tensor-scope.ts";
import { classWeights } from "./backward/read-out-backward.ts";
import { convolveBlockBackward } from "./backward/residual-block-backward.ts";
import { attendOverMapBackward } from "./backward/spatial-self-attention-backward.ts";
import { chooseTarget } from "./choose-target.ts";
import { weighChannels, type ClassMap, type GradCam } from "./weigh-channels.ts";

/** One step of the CNN behind the map that is looked at, and the same step for gradients. */
type Step = {
  readonly forward: (map: Tensor4D) => Tensor4D;
  readonly backward: (map: Tensor4D, gradient: Tensor4D) => Tensor4D;
};

/** What comes behind a stage's map: an attention module there, then whole stages. */
function stepsBehind({ stages }: AttentionCnn, stage: number): Step[] {
  return stages.flatMap(({ blocks, attention }, index): Step[] => {
    const convolutions = blocks.map((block): Step => ({
      forward: (map) => convolveBlock(block, map),
      backward: (map, gradient) => convolveBlockBackward(block, map, gradient),
    }));
    const attending = attention && {
      forward: (map: Tensor4D) => tidy(() => attendOverMap(attention, map).mixed),
      backward: (map: Tensor4D, gradient: Tensor4D) => attendOverMapBackward(attention, map, gradient),
    };
    return [...(index > stage ? convolutions : []), ...(attending && index >= stage ? [attending] : [])];
  });
}

/** Grad-CAM over the map of a stage, as its last block gives it. image `[1, height, width, C]` */
export function gradCamOfCnn(
  cnn: AttentionCnn,
  image: Tensor4D,
  { target, layer }: GradCam,
  run: ExplainRun,
): Promise<ClassMap & { readonly grid: Size }> {
  const { head } = cnn;
  if (!head)
    throw new VisionError("model-has-no-head", "A class-specific map wants a classifier; this model has none.");
  return inScope(async (scope) => {
    const { pause, anySize } = run;
    const stages = await runAttentionCnn(cnn, image, { stages: [`stages.${layer}`], pause, anySize });
    const features = scope.hold(stages.get(`stages.${layer}`) as Tensor4D); // [1, H, W, C]
    const steps = stepsBehind(cnn, layer);
    const maps = [features]; // what each step reads, and the last map
    for (const { forward } of steps) {
      await pause?.();
      maps.push(scope.hold(forward(maps.at(-1)!)));
    }
    const last = maps.pop()!;
    const logits = (): Tensor2D => linearRows(head, averageOverMap(last));
    const explained = await chooseTarget(logits, cnn.config.classes, target);
    let gradient = scope.hold(pooledBackward(last, head, explained));
    for (const { backward } of steps.reverse()) {
      await pause?.();
      const map = maps.pop()!;
      const next = scope.hold(backward(map, gradient));
      scope.drop(gradient);
      gradient = next;
    }
    const [, height, width, channels] = features.shape;
    const rows = (map: Tensor4D): Tensor2D => reshape(map, [height * width, channels]);
    const map = tidy(() => weighChannels(rows(features), rows(gradient)));
    return { map, target: explained, grid: { width, height } };
  });
}

/** The gradient of one class's logit by the last map, whose mean over positions the head reads: the same everywhere. */
const pooledBackward = ({ shape }: Tensor4D, head: Linear, target: number): Tensor4D =>
  tidy(() => {
    const [, height, width, channels] = shape;
    const share: Tensor4D = reshape(div(classWeights(head, target), height * width), [1, 1, 1, channels]);
    return tile(share, [1, height, width, 1]);
  });
