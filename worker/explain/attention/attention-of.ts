import { dispose, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { HeadChoice } from "../../contract/explain-request.ts";
import { runVit } from "../../models/vit/run-vit.ts";
import { composed, type AnyVit } from "../engine-vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { isOfItsSize } from "../is-of-its-size.ts";
import { reduceHeads } from "./reduce-heads.ts";

export type RawAttention = { readonly layer: number; readonly head: HeadChoice };

/** Runs a ViT up to one block. image `[1, height, width, C]` → its attention `[T, T]`, which the caller owns. */
export async function attentionOf(
  vit: AnyVit,
  image: Tensor4D,
  { layer, head }: RawAttention,
  run: ExplainRun,
): Promise<Tensor2D> {
  const weights = await weightsOf(vit, image, layer, run); // [1, H, T, T]
  try {
    return reduceHeads(weights, head);
  } finally {
    dispose(weights);
  }
}

async function weightsOf(vit: AnyVit, image: Tensor4D, layer: number, run: ExplainRun): Promise<Tensor4D> {
  if ("compose" in vit && isOfItsSize(vit.config, image)) return (await vit.attentions(image, [layer], run.pause))[0]!;
  const stage = `blocks.${layer}.attention` as const;
  const vitRun = { stages: [stage], pause: run.pause, interpolate: run.anySize };
  return (await runVit(await composed(vit, run), image, vitRun)).get(stage) as Tensor4D;
}
