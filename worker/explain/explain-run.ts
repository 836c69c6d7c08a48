import type { Pause } from "../contract/turns.ts";

/** How an explanation is computed, whatever the method. */
export type ExplainRun = {
  /** Awaited between blocks, there and back; throw from it to stop. */
  readonly pause?: Pause | undefined;
  /** Take images of another size than the model's; a ViT interpolates its positions for that. Default false. */
  readonly anySize?: boolean | undefined;
};
