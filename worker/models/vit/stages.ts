import { VisionError } from "../../contract/errors.ts";
import type { VitConfig } from "./config.ts";

/**
 * The named points of a forward pass, in order. B images, N patches, P prefix tokens, H heads, D width:
 * - `tokens` `[B, P + N, D]`: embedded patches behind the prefix tokens, positions added
 * - `blocks.i.attention` `[B, H, P + N, P + N]`: where each token (row) looked, rows sum to 1
 * - `blocks.i.output` `[B, P + N, D]`
 * - `encoded` `[B, P + N, D]`: after the final norm (as the last block left it where the norm comes after pooling)
 * - `pooled` `[B, D]`: what the head reads
 * - `pooler_output` `[B, D]`: tanh(W · class token), of bare `ViTModel` checkpoints that carry a pooler
 * - `logits` `[B, classes]`
 */
export type VitStage =
  | "tokens"
  | `blocks.${number}.attention`
  | `blocks.${number}.output`
  | "encoded"
  | "pooled"
  | "pooler_output"
  | "logits";

const BLOCK_STAGE = /^blocks\.(\d+)\./;

/** How many blocks must run for the wanted stages. Throws `invalid-argument` for a block that the model has not. */
export function blocksNeeded(wanted: ReadonlySet<VitStage>, { layers, classes, pooler }: VitConfig): number {
  let needed = 0;
  for (const stage of wanted) {
    const block = BLOCK_STAGE.exec(stage)?.[1];
    if (block === undefined) {
      if (stage !== "tokens") needed = layers;
    } else if (Number(block) < layers) {
      needed = Math.max(needed, Number(block) + 1);
    } else {
      throw new VisionError("invalid-argument", `${stage}: this model has blocks 0 to ${layers - 1}`);
    }
  }
  if (wanted.has("logits") && classes === 0) {
    throw new VisionError("model-has-no-head", "This checkpoint has no classifier; it gives features, not labels.");
  }
  if (wanted.has("pooler_output") && !pooler) {
    throw new VisionError("model-has-no-head", "This checkpoint has no pooler; ask for encoded or pooled.");
  }
  return needed;
}
