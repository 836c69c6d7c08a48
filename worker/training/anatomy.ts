/** What fine-tuning must know of a model family: which parameter sits where. */
export type Anatomy = {
  /** Of the layer that gives the logits. */
  readonly isHead: (name: string) => boolean;
  /** 0: what reads the image; then one for each block; `headDepth`: what comes behind the last one. */
  readonly depthOf: (name: string) => number;
  readonly headDepth: number;
  /** A matrix that low-rank adapters are put beside. */
  readonly isAdapted: (name: string) => boolean;
};

/** Which parameters learn. `last-blocks` are the last so many blocks, or all, and what comes behind them. */
export type Adaptation =
  | { readonly kind: "all" }
  | { readonly kind: "head" }
  | { readonly kind: "last-blocks"; readonly blocks: number }
  /** Hu et al. 2022: W + (alpha / rank) · B · A, with A `[rank, in]` and B `[out, rank]` learned beside a W that stays. */
  | { readonly kind: "lora"; readonly rank: number; readonly alpha: number };

/** Whether a parameter itself learns; adapters always do. */
export function learns(name: string, adaptation: Adaptation, { isHead, depthOf, headDepth }: Anatomy): boolean {
  switch (adaptation.kind) {
    case "all":
      return true;
    case "head":
    case "lora":
      return isHead(name);
    case "last-blocks":
      return depthOf(name) >= Math.max(1, headDepth - adaptation.blocks);
  }
}
