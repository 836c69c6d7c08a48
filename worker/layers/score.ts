import { add, matMul, mul, relu, reshape, tanh, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { linear, type Linear } from "./linear.ts";

/** How well a key suits a query. */
export type Score =
  | { readonly kind: "dot" } // Luong et al. 2015
  | { readonly kind: "scaled-dot" } // divided by the root of their width, Vaswani et al. 2017
  | { readonly kind: "general"; readonly query: Linear } // query [Dq, Dk], so that both are of one width; Luong et al. 2015
  | { readonly kind: "additive"; readonly query: Linear; readonly key: Linear; readonly score: Linear }; // Bahdanau et al. 2015

/** queries `[B, N, Dq]`, keys `[B, M, Dk]` → a number for each pair, `[B, N, M]`; the caller's own. */
export const scorePairs = (score: Score, queries: Tensor3D, keys: Tensor3D): Tensor3D =>
  tidy(() => {
    switch (score.kind) {
      case "dot":
        return scoreByDot(queries, keys, 1);
      case "scaled-dot":
        return scoreByDot(queries, keys, 1 / Math.sqrt(queries.shape[2]));
      case "general":
        return scoreByDot(linear(score.query, queries), keys, 1);
      case "additive":
        return scoreBySum(linear(score.query, queries), linear(score.key, keys), score.score, "tanh");
    }
  });

/** queries `[B, N, A]`, keys `[B, M, A]` → factor · query · key, `[B, N, M]` */
export const scoreByDot = (queries: Tensor3D, keys: Tensor3D, factor: number): Tensor3D =>
  matMul(factor === 1 ? queries : mul(queries, factor), keys, false, true);

const BENDS = { tanh, relu } as const;

/** queries `[B, N, A]`, keys `[B, M, A]` → score `[A, 1]` on bend(query + key), `[B, N, M]` */
export function scoreBySum(queries: Tensor3D, keys: Tensor3D, score: Linear, bend: keyof typeof BENDS): Tensor3D {
  const [batch, asking, size] = queries.shape;
  const asked = keys.shape[1];
  const sums = add<Tensor4D>(reshape(queries, [batch, asking, 1, size]), reshape(keys, [batch, 1, asked, size]));
  const pairs: Tensor3D = reshape(BENDS[bend](sums), [batch, asking * asked, size]);
  return reshape(linear(score, pairs), [batch, asking, asked]);
}
