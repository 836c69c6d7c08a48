import { tidy, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { activate } from "../../layers/activate.ts";
import type { WeightsHook } from "../../layers/attention.ts";
import { convolve } from "../../layers/conv2d.ts";
import { averageOverMap } from "../../layers/global-average-pool.ts";
import { linearRows } from "../../layers/linear.ts";
import { convolveBlock } from "../../layers/residual-block.ts";
import { attendOverMap } from "../../layers/spatial-self-attention.ts";
import type { AttentionCnn } from "./attention-cnn.ts";

/** Where training reaches into the network; what is left out changes nothing. */
export type CnnHooks = {
  readonly weights?: WeightsHook;
  /** What a block adds to its shortcut, `[B, H, W, C]`; blocks are counted over all stages, from 0. */
  readonly branch?: (branch: Tensor4D, block: number) => Tensor4D;
  readonly features?: (pooled: Tensor2D) => Tensor2D; // what the head reads, [B, C]
};

/**
 * image `[B, height, width, C]` → logits `[B, classes]`, in one go and differentiable: what training runs. Any size
 * that leaves the last map a position. Throws `model-has-no-head`.
 */
export function attentionCnnLogits(cnn: AttentionCnn, image: Tensor4D, hooks: CnnHooks = {}): Tensor2D {
  const { head } = cnn;
  if (!head) throw new VisionError("model-has-no-head", "Training wants a classifier; this model has none.");
  return tidy(() => {
    let map = activate(cnn.config.activation, convolve(cnn.stem, image)); // [B, H, W, C]
    let block = 0;
    for (const { blocks, attention } of cnn.stages) {
      for (const residual of blocks) {
        const index = block++;
        map = convolveBlock(residual, map, (branch) => hooks.branch?.(branch, index) ?? branch);
      }
      if (attention) map = attendOverMap(attention, map, hooks.weights).mixed;
    }
    const pooled = averageOverMap(map); // [B, C]
    return linearRows(head, hooks.features?.(pooled) ?? pooled);
  });
}
