import { add, expandDims, reshape, tidy, type Tensor, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import type { AttentionQuestion, AttentionSteps } from "../contract/lab.ts";
import { attendByScore } from "../layers/attend-by-score.ts";
import { causalMask } from "../layers/causal-mask.ts";
import { paddingMask } from "../layers/padding-mask.ts";
import { scorePairs } from "../layers/score.ts";
import { placeMatrix, takeMatrix } from "./matrix.ts";

/** Attention step by step. Throws `invalid-argument` for matrices that are none. */
export async function showAttention(question: AttentionQuestion): Promise<AttentionSteps> {
  const steps = tidy(() => {
    const [queries, keys, values] = (["queries", "keys", "values"] as const).map((name): Tensor3D =>
      expandDims(placeMatrix(name, question[name])),
    ) as [Tensor3D, Tensor3D, Tensor3D];
    const score = { kind: question.scaled ? "scaled-dot" : "dot" } as const;
    const mask = maskOf(question);
    const scores = scorePairs(score, queries, keys); // [1, N, M]
    const { context, weights } = attendByScore(score, queries, keys, values, mask);
    const masked: Tensor = mask ? add(scores, mask) : add(scores, 0);
    return { products: scorePairs({ kind: "dot" }, queries, keys), scores, masked, weights, mixed: context };
  });
  return {
    products: await takeMatrix(steps.products),
    scores: await takeMatrix(steps.scores),
    masked: await takeMatrix(steps.masked),
    weights: await takeMatrix(steps.weights),
    mixed: await takeMatrix(steps.mixed),
  };
}

/** `[N, M]`; null where nothing is hidden. */
function maskOf({ queries, keys, causal, real }: AttentionQuestion): Tensor2D | null {
  const count = keys.length;
  const later = causal ? causalMask(queries.length, count - queries.length) : null;
  const padding = real === null ? null : paddingMask([real], count);
  const beyond: Tensor2D | null = padding && reshape(padding, [1, count]);
  return later && beyond ? add(later, beyond) : (later ?? beyond);
}
