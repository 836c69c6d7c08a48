import type { EncoderPlan, EncoderRun, EncoderStage } from "./encoder-engine.ts";

const IN_BLOCKS = /^tokens$|^blocks\.(\d+)\./;

/** Whether a stage is of the embedding or of a block, and not made of what the last block leaves. */
export const isInBlocks = (stage: EncoderStage): boolean => IN_BLOCKS.test(stage);

/** How many blocks must run for the stages that are asked for. */
export const blocksFor = ({ stages }: EncoderRun, { layers }: EncoderPlan): number =>
  Math.max(
    0,
    ...stages.map((stage) => {
      if (stage === "tokens") return 0;
      const block = IN_BLOCKS.exec(stage)?.[1];
      return block === undefined ? layers : Number(block) + 1;
    }),
  );

/**
 * Tokens of each image, from its first on, that a block goes through: all of them, but in the last no more than are read
 * of what it computes. Its keys and values are those of all tokens in any case. Block −1 is the embedding.
 */
export function reachOf(
  block: number,
  { stages, queries }: EncoderRun,
  { layers, pooling, patchHead }: EncoderPlan,
  { prefix, tokens }: { readonly prefix: number; readonly tokens: number },
): number {
  const last = `blocks.${layers - 1}`;
  const whole: readonly string[] = ["tokens", "encoded", `${last}.output`];
  const readsPatches = pooling === "mean" || patchHead;
  if (block + 1 < layers || readsPatches || stages.some((stage) => whole.includes(stage))) return tokens;
  const seen = stages.some((stage) => stage === `${last}.attention`);
  const queried = queries ? queries.first + queries.count : tokens;
  return Math.max(prefix, 1, seen ? queried : 0);
}
