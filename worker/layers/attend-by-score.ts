import {
  add,
  matMul,
  reshape,
  softmax,
  tidy,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { linear, type Linear } from "./linear.ts";
import { scorePairs, type Score } from "./score.ts";

/** What some queries get of values, and where they looked. */
export type Looked = {
  readonly context: Tensor3D; // [B, N, Dv]
  readonly weights: Tensor3D; // [B, N, M], each row sums to 1
};

/**
 * queries `[B, N, Dq]` look at values `[B, M, Dv]` by their keys `[B, M, Dk]`: softmax of the scores, over keys. `mask`
 * as of `paddingMask` or `causalMask`. The caller owns both results.
 */
export const attendByScore = (
  score: Score,
  queries: Tensor3D,
  keys: Tensor3D,
  values: Tensor3D,
  mask?: Tensor2D | Tensor4D | null,
): Looked =>
  tidy(() => {
    const scores = scorePairs(score, queries, keys); // [B, N, M]
    const hidden: Tensor | null = mask?.rank === 4 ? reshape(mask, [mask.shape[0], 1, keys.shape[1]]) : (mask ?? null);
    const weights = softmax<Tensor3D>(hidden ? add(scores, hidden) : scores);
    return { context: matMul(weights, values), weights };
  });

/** Attention with matrices of its own: who asks is one sequence, who is asked another, or the same one. */
export type AttentionLayer = {
  readonly query: Linear; // [Da, Dq]
  readonly key: Linear; // [Db, Dk]
  readonly value: Linear; // [Db, Dv]
  readonly score: Score;
};

/** asking `[B, N, Da]`, asked `[B, M, Db]`; `mask` as of `paddingMask`. The caller owns both results. */
export const attendBetween = (
  { query, key, value, score }: AttentionLayer,
  asking: Tensor3D,
  asked: Tensor3D,
  mask?: Tensor4D | null,
): Looked => tidy(() => attendByScore(score, linear(query, asking), linear(key, asked), linear(value, asked), mask));
