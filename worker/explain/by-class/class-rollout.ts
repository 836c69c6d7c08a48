import { add, eye, matMul, mean, mul, relu, reshape, tidy, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { prefixTokens } from "../../models/vit/config.ts";
import type { Vit } from "../../models/vit/vit.ts";
import { addResidual } from "../attention/add-residual.ts";
import { discardLowest } from "../attention/discard-lowest.ts";
import type { ExplainRun } from "../explain-run.ts";
import { inScope } from "../tensor-scope.ts";
import type { BlockGradients } from "./backward/encoder-block-backward.ts";
import { walkBack } from "./walk-back.ts";

/** Where every token looked for one class: relevance `[T(query), T(key)]`, which the caller owns. */
export type ClassMatrix = { readonly matrix: Tensor2D; readonly target: number };

/** Weights times their gradients, `[1, H, T, T]`. */
const weighted = ({ attention, byAttention }: BlockGradients): Tensor4D => mul(attention, byAttention);

const asMatrix = (weights: Tensor4D): Tensor2D => {
  const [, , queries, keys] = weights.shape;
  return reshape(mean(weights, 1), [queries, keys]);
};

/** Ā = mean over heads of (∇A ⊙ A)⁺ (Chefer, Gur & Wolf 2021, eq. 5) */
const positiveMean = (block: BlockGradients): Tensor2D => tidy(() => asMatrix(relu(weighted(block))));

/** (mean over heads of ∇A ⊙ A)⁺, as vit-explain has it */
const meanPositive = (block: BlockGradients): Tensor2D => tidy(() => relu(asMatrix(weighted(block))));

/**
 * Chefer, Gur & Wolf 2021, eq. 6: R ← R + Ā R for every block, from R = I. Met from the last block, the same product
 * (I + Ā_L) … (I + Ā_1) grows on its right. image `[1, height, width, C]`
 */
export function relateToClass(
  vit: Vit,
  image: Tensor4D,
  target: number | undefined,
  run: ExplainRun,
): Promise<ClassMatrix> {
  return inScope(async (scope) => {
    let relevance = null as Tensor2D | null; // [T, T], R
    const explained = await walkBack(vit, image, { target, downTo: 0 }, run, (block) => {
      const grown = tidy(() => {
        const fused = positiveMean(block);
        const before = relevance ?? eye(fused.shape[0]);
        return add<Tensor2D>(before, matMul(before, fused));
      });
      if (relevance) scope.drop(relevance);
      relevance = scope.hold(grown);
    });
    return { matrix: scope.give(relevance!), target: explained };
  });
}

/** Attention rollout of (mean over heads of ∇A ⊙ A)⁺ (Gildenblat, vit-explain), each gradient with its own block. */
export function rollOutForClass(
  vit: Vit,
  image: Tensor4D,
  { target, discard }: { readonly target: number | undefined; readonly discard: number },
  run: ExplainRun,
): Promise<ClassMatrix> {
  const prefix = prefixTokens(vit.config);
  return inScope(async (scope) => {
    const fused: Tensor2D[] = []; // last block first
    const explained = await walkBack(vit, image, { target, downTo: 0 }, run, (block) => {
      fused.push(scope.hold(meanPositive(block)));
    });
    let rolled = null as Tensor2D | null; // [T, T]
    for (const weights of fused) {
      const kept = await discardLowest(weights, discard, prefix);
      const grown = tidy(() => (rolled ? matMul<Tensor2D>(rolled, addResidual(kept)) : addResidual(kept)));
      scope.drop(weights, kept, ...(rolled ? [rolled] : []));
      rolled = scope.hold(grown);
    }
    return { matrix: scope.give(rolled!), target: explained };
  });
}
