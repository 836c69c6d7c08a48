import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import type { Anatomy } from "../anatomy.ts";

const BLOCK = /^stages\.(\d+)\.blocks\.(\d+)\./;

/** A CNN's stem, its residual blocks over all stages, the module with the block in front of it, and the head. */
export function attentionCnnAnatomy({ stages, attention }: AttentionCnnConfig): Anatomy {
  const blocksThrough = (end: number): number => stages.slice(0, end).reduce((sum, { blocks }) => sum + blocks, 0);
  const headDepth = blocksThrough(stages.length) + 1;
  return {
    isHead: (name) => name.startsWith("head."),
    depthOf(name) {
      const [, stage, block] = BLOCK.exec(name) ?? [];
      if (stage !== undefined) return blocksThrough(Number(stage)) + Number(block) + 1;
      if (attention && name.startsWith("attention.")) return blocksThrough(attention.afterStage + 1);
      return name.startsWith("stem.") ? 0 : headDepth;
    },
    headDepth,
    isAdapted: () => false, // its products are convolutions
  };
}
