import type { VitConfig } from "../../models/vit/config.ts";
import type { Anatomy } from "../anatomy.ts";

const BLOCK = /^encoder\.layer\.(\d+)\./;

/** A ViT's embeddings, its blocks, and behind them the final norm and the heads; adapters go to query and value. */
export const vitAnatomy = ({ layers }: VitConfig): Anatomy => ({
  isHead: (name) => /^((distillation|patch)_)?classifier\./.test(name),
  depthOf(name) {
    const block = BLOCK.exec(name)?.[1];
    if (block !== undefined) return Number(block) + 1;
    return name.startsWith("embeddings.") ? 0 : layers + 1;
  },
  headDepth: layers + 1,
  isAdapted: (name) => /attention\.attention\.(query|value)\.weight$/.test(name),
});
