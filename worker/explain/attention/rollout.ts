import { matMul, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { HeadFusion } from "../../contract/explain-request.ts";
import { prefixTokens } from "../../models/vit/config.ts";
import { walkAttentions, type AnyVit } from "../engine-vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { inScope } from "../tensor-scope.ts";
import { addResidual } from "./add-residual.ts";
import { discardLowest } from "./discard-lowest.ts";
import { reduceHeads } from "./reduce-heads.ts";

export type Rollout = { readonly head: HeadFusion; readonly discard: number };

/**
 * Attention rollout (Abnar & Zuidema 2020): the product of all blocks' weights, the residual added to each, last block
 * on the left. image `[1, height, width, C]` → `[T, T]`, which the caller owns; rows sum to 1.
 */
export function rollOut(vit: AnyVit, image: Tensor4D, { head, discard }: Rollout, run: ExplainRun): Promise<Tensor2D> {
  const prefix = prefixTokens(vit.config);
  return inScope(async (scope) => {
    let rolled = null as Tensor2D | null; // [T, T]
    await walkAttentions(vit, image, run, async (attention) => {
      const fused = scope.hold(reduceHeads(attention, head));
      const kept = scope.hold(await discardLowest(fused, discard, prefix));
      const mixed = scope.hold(addResidual(kept));
      scope.drop(fused, kept);
      if (rolled === null) {
        rolled = mixed;
        return;
      }
      const product = scope.hold(matMul<Tensor2D>(mixed, rolled));
      scope.drop(mixed, rolled);
      rolled = product;
    });
    return scope.give(rolled!);
  });
}
