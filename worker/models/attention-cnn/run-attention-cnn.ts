import { clone, dispose, tidy, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Pause } from "../../contract/turns.ts";
import { activate } from "../../layers/activate.ts";
import { convolve } from "../../layers/conv2d.ts";
import { expectShape } from "../../layers/expect-shape.ts";
import { averageOverMap } from "../../layers/global-average-pool.ts";
import { linearRows } from "../../layers/linear.ts";
import { convolveBlock } from "../../layers/residual-block.ts";
import { attendOverMap } from "../../layers/spatial-self-attention.ts";
import type { AttentionCnn } from "./attention-cnn.ts";
import type { AttentionCnnConfig } from "./config.ts";
import { stagesNeeded, type AttentionCnnStage } from "./stages.ts";

export type AttentionCnnRun = {
  /** Which stages to return; nothing behind the last of them is computed. */
  readonly stages: readonly AttentionCnnStage[];
  /** Awaited before every block, the attention module and the head; throw from it to stop the run. */
  readonly pause?: Pause | undefined;
  /** Take images of another size: nothing in the model depends on it. Default false. */
  readonly anySize?: boolean | undefined;
};

/**
 * image `[B, height, width, channels]`, normalised → the stages asked for. The caller owns every tensor of the result.
 * Throws `input-shape` for an image of the wrong size; whatever is thrown, no tensor is left behind.
 */
export async function runAttentionCnn(
  cnn: AttentionCnn,
  image: Tensor4D,
  run: AttentionCnnRun,
): Promise<Map<AttentionCnnStage, Tensor>> {
  const { activation } = cnn.config;
  const wanted = new Set(run.stages);
  const needed = stagesNeeded(wanted, cnn.config);
  expectImage(cnn.config, image, run.anySize);
  const kept = new Map<AttentionCnnStage, Tensor>();
  const keep = (stage: AttentionCnnStage, tensor: Tensor): void => {
    if (wanted.has(stage)) kept.set(stage, clone(tensor));
  };
  let map = tidy(() => activate(activation, convolve(cnn.stem, image))); // [B, H, W, C]
  const advance = (next: Tensor4D): void => {
    dispose(map);
    map = next;
  };
  try {
    keep("stem", map);
    for (const [index, { blocks, attention }] of cnn.stages.entries()) {
      if (!needed.has(`stages.${index}`)) return kept;
      for (const block of blocks) {
        await run.pause?.();
        advance(convolveBlock(block, map));
      }
      keep(`stages.${index}`, map);
      if (!attention || !needed.has("attention.weights")) continue;
      await run.pause?.();
      const { mixed, weights } = attendOverMap(attention, map);
      advance(mixed);
      keep("attention.weights", weights);
      keep("attention.output", map);
      dispose(weights);
    }
    if (!needed.has("features")) return kept;
    await run.pause?.();
    for (const [stage, tensor] of answer(cnn, map, wanted)) kept.set(stage, tensor);
    return kept;
  } catch (error) {
    dispose([...kept.values()]);
    throw error;
  } finally {
    dispose(map);
  }
}

/** Throws `input-shape` where an image `[B, height, width, C]` is not of the model's size or, with `anySize`, is empty. */
export function expectImage({ imageSize, channels }: AttentionCnnConfig, image: Tensor4D, anySize = false): void {
  if (!anySize) return expectShape("image", image, [null, imageSize.height, imageSize.width, channels]);
  expectShape("image", image, [null, null, null, channels]);
  const [, height, width] = image.shape;
  if (height > 0 && width > 0) return;
  throw new VisionError("input-shape", `image: expected at least one pixel, got ${height} × ${width}`);
}

/** features `[B, H, W, C]` → features, pooled and logits, those of them that are wanted. */
function answer(
  { head }: AttentionCnn,
  features: Tensor4D,
  wanted: ReadonlySet<AttentionCnnStage>,
): [AttentionCnnStage, Tensor][] {
  const entries: [AttentionCnnStage, Tensor][] = [];
  if (wanted.has("features")) entries.push(["features", clone(features)]);
  if (!wanted.has("pooled") && !wanted.has("logits")) return entries;
  const pooled = averageOverMap(features); // [B, C]
  if (head && wanted.has("logits")) entries.push(["logits", linearRows(head, pooled)]); // [B, classes]
  if (wanted.has("pooled")) entries.push(["pooled", pooled]);
  else dispose(pooled);
  return entries;
}
