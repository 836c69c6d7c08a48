import { VisionError } from "../../contract/errors.ts";
import type { AttentionCnnConfig } from "./config.ts";

/**
 * The named points of a forward pass, in order. B images, H × W positions of the map at that point, C its channels:
 * - `stem` `[B, H, W, C]`: after the first convolution, normalised and activated
 * - `stages.i` `[B, H, W, C]`: after the last block of a stage, before any attention module behind it
 * - `attention.weights` `[B, 1, H·W, H·W]`: where each position (row) looked, rows sum to 1. As `blocks.i.attention`
 *   of a ViT, with one head and no prefix tokens: `[B, heads, queries, keys]`
 * - `attention.output` `[B, H, W, C]`: what the next stage reads
 * - `features` `[B, H, W, C]`: the last map
 * - `pooled` `[B, C]`: what the head reads
 * - `logits` `[B, classes]`
 */
export type AttentionCnnStage =
  "stem" | `stages.${number}` | "attention.weights" | "attention.output" | "features" | "pooled" | "logits";

/** The points that a model has, in the order it reaches them. */
function stagesOf({ stages, attention, classes }: AttentionCnnConfig): AttentionCnnStage[] {
  const maps = stages.flatMap((_, index): AttentionCnnStage[] => [
    `stages.${index}`,
    ...(index === attention?.afterStage ? (["attention.weights", "attention.output"] as const) : []),
  ]);
  return ["stem", ...maps, "features", "pooled", ...(classes > 0 ? (["logits"] as const) : [])];
}

/**
 * The points to pass for the wanted stages: all up to the last of them. Throws `model-has-no-head` for logits of a
 * model without a classifier, `invalid-argument` for any other stage that the model has not.
 */
export function stagesNeeded(
  wanted: ReadonlySet<AttentionCnnStage>,
  config: AttentionCnnConfig,
): ReadonlySet<AttentionCnnStage> {
  const stages = stagesOf(config);
  for (const stage of wanted) {
    if (stages.includes(stage)) continue;
    if (stage === "logits") {
      throw new VisionError("model-has-no-head", "This checkpoint has no classifier; it gives features, not labels.");
    }
    throw new VisionError("invalid-argument", `${stage}: this model has ${stages.join(", ")}`);
  }
  return new Set(stages.slice(0, stages.findLastIndex((stage) => wanted.has(stage)) + 1));
}
