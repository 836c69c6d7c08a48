import { dispose, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { HeadChoice } from "../contract/explain-request.ts";
import { runVit } from "../models/vit/run-vit.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { ExplainRun } from "./explain-run.ts";
import { reduceHeads } from "./reduce-heads.ts";

export type RawAttention = { readonly layer: number; readonly head: HeadChoice };

/** Runs a ViT up to one block. image `[1, height, width, C]` → its attention `[T, T]`, which the caller owns. */
export async function attentionOf(
  vit: Vit,
  image: Tensor4D,
  { layer, head }: RawAttention,
  { pause, anySize }: ExplainRun,
): Promise<Tensor2D> {
  const stages = await runVit(vit, image, { stages: [`blocks.${layer}.attention`], pause, interpolate: anySize });
  const weights = stages.get(`blocks.${layer}.attention`) as Tensor4D; // [1, H, T, T]
  try {
    return reduceHeads(weights, head);
  } finally {
    dispose(weights);
  }
}
