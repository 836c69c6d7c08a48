import { clone, dispose, type Tensor, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Pause } from "../../contract/turns.ts";
import { encode } from "../../layers/encoder-block.ts";
import { embedImage, expectImage } from "./embed-image.ts";
import { readOut } from "./read-out.ts";
import { blocksNeeded, type VitStage } from "./stages.ts";
import type { Vit } from "./vit.ts";

export type VitRun = {
  /** Which stages to return; nothing behind the last of them is computed. */
  readonly stages: readonly VitStage[];
  /** Awaited after the embedding and after every block; throw from it to stop the run. */
  readonly pause?: Pause | undefined;
  /** Take images of another size and interpolate the positions, as Hugging Face does. Default false. */
  readonly interpolate?: boolean | undefined;
};

/**
 * image `[B, height, width, C]`, normalised → the stages asked for. The caller owns every tensor of the result.
 * Throws `input-shape` for an image of the wrong size; whatever is thrown, no tensor is left behind.
 */
export async function runVit(vit: Vit, image: Tensor4D, run: VitRun): Promise<Map<VitStage, Tensor>> {
  const wanted = new Set(run.stages);
  const needed = blocksNeeded(wanted, vit.config);
  expectImage(vit.config, image, run.interpolate ?? false);
  const kept = new Map<VitStage, Tensor>();
  const keep = (stage: VitStage, tensor: Tensor): void => {
    if (wanted.has(stage)) kept.set(stage, clone(tensor));
  };
  let tokens = embedImage(vit, image); // [B, P + N, D]
  try {
    keep("tokens", tokens);
    for (const [layer, block] of vit.blocks.slice(0, needed).entries()) {
      await run.pause?.();
      const result = encode(block, tokens);
      dispose(tokens);
      tokens = result.tokens;
      keep(`blocks.${layer}.attention`, result.attention);
      keep(`blocks.${layer}.output`, tokens);
      dispose(result.attention);
    }
    await run.pause?.();
    for (const [stage, tensor] of answers(vit, tokens, wanted)) kept.set(stage, tensor);
    return kept;
  } catch (error) {
    dispose([...kept.values()]);
    throw error;
  } finally {
    dispose(tokens);
  }
}

const ANSWERS = ["encoded", "pooled", "pooler_output", "logits"] as const satisfies VitStage[];

/** tokens `[B, P + N, D]` of the last block → those of the answers that are wanted. */
function answers(vit: Vit, tokens: Tensor3D, wanted: ReadonlySet<VitStage>): [VitStage, Tensor][] {
  if (!ANSWERS.some((stage) => wanted.has(stage))) return [];
  const all = Object.entries(readOut(vit, tokens)) as [VitStage, Tensor][];
  dispose(all.filter(([stage]) => !wanted.has(stage)).map(([, tensor]) => tensor));
  return all.filter(([stage]) => wanted.has(stage));
}
