import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Pause } from "../contract/turns.ts";
import type { EncoderBlock } from "../layers/encoder-block.ts";
import { runVit } from "../models/vit/run-vit.ts";
import type { VitStage } from "../models/vit/stages.ts";
import type { Vit } from "../models/vit/vit.ts";

/** One block of a ViT and what it reads, `[1, T, D]`, which the caller owns. */
export type ReadBlock = { readonly block: EncoderBlock; readonly tokens: Tensor3D };

/** image `[1, height, width, C]`, through all blocks before one. Throws `invalid-argument` where there is no such block. */
export async function readBlock(vit: Vit, image: Tensor4D, layer: number, pause: Pause): Promise<ReadBlock> {
  const block = vit.blocks[layer];
  if (!block) {
    throw new VisionError("invalid-argument", `layer: this model has 0 to ${vit.blocks.length - 1}, got ${layer}`);
  }
  const stage: VitStage = layer === 0 ? "tokens" : `blocks.${layer - 1}.output`;
  const stages = await runVit(vit, image, { stages: [stage], pause });
  return { block, tokens: stages.get(stage) as Tensor3D };
}
