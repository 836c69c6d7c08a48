import { matMul, reshape, softmax, tidy, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import { linear, linearRows, type Linear } from "./linear.ts";
import { scoreByDot, scoreBySum } from "./score.ts";

/** How well each position of a grid suits the state of a recurrent decoder. C width of the grid, D of the state. */
export type Alignment = {
  readonly key: Linear; // [C, A]
  readonly query: Linear; // [D, A]
  /** `[A, 1]` on relu(key + query): additive (Bahdanau et al. 2015; Xu et al. 2015). null: key · query / √A. */
  readonly score: Linear | null;
};

/** grid `[B, L, C]` → `[B, L, A]`, the half of the score that no step changes; the caller's own. */
export const alignmentKeys = ({ key }: Alignment, grid: Tensor3D): Tensor3D => tidy(() => linear(key, grid));

/** keys `[B, L, A]` and a state `[B, D]` → weights over positions `[B, L]`, each row sums to 1; the caller's own. */
export function align({ query, score }: Alignment, keys: Tensor3D, state: Tensor2D): Tensor2D {
  const [batch, positions, size] = keys.shape;
  return tidy(() => {
    const asked: Tensor3D = reshape(linearRows(query, state), [batch, 1, size]);
    const scores = score ? scoreBySum(asked, keys, score, "relu") : scoreByDot(asked, keys, 1 / Math.sqrt(size));
    return softmax<Tensor2D>(reshape(scores, [batch, positions]));
  });
}

/** weights `[B, L]` and grid `[B, L, C]` → what was looked at, `[B, C]`; the caller's own. */
export function contextOf(weights: Tensor2D, grid: Tensor3D): Tensor2D {
  const [batch, positions, width] = grid.shape;
  return tidy(() => reshape(matMul(reshape(weights, [batch, 1, positions]), grid), [batch, width]));
}
