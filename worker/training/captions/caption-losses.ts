import {
  add,
  cast,
  logSoftmax,
  mean,
  mul,
  neg,
  oneHot,
  reshape,
  square,
  sub,
  sum,
  tensor1d,
  tensor3d,
  tidy,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import type { Rows } from "./caption-batch.ts";

/** Below every other logit by so much that nothing is left of its probability. */
const NEVER = -1e9;

/**
 * logits `[B, T, V]`, wanted `[B, T]`, weights `[B · T]` → Σ −weight · log p(wanted), in nats. With `smoothing` a share of
 * each word's weight goes to all words alike (Szegedy et al. 2016), as in `torch.nn.functional.cross_entropy`.
 */
export function wordLoss(logits: Tensor3D, wanted: Rows, weights: Float32Array, smoothing = 0): Scalar {
  const [rows, count, size] = logits.shape;
  return tidy(() => {
    const said = logSoftmax(reshape(logits, [rows * count, size])); // [B·T, V]
    const chosen = cast(oneHot(tensor1d(wanted.flat(), "int32"), size), "float32");
    const wantedOnly: Tensor1D = sum(mul(chosen, said), -1); // [B·T]
    const smooth =
      smoothing > 0 ? add<Tensor1D>(mul(wantedOnly, 1 - smoothing), mul(mean(said, -1), smoothing)) : wantedOnly;
    return neg(sum<Scalar>(mul(smooth, tensor1d(weights))));
  });
}

/**
 * alphas `[B, T, L]`, spoken `[B · T]`, 1 for a word and 0 for padding → the mean over captions and places of
 * (1 − Σₜ α)²: a caption is to look everywhere in the end (Xu et al. 2015, equation 14, there a sum over places).
 */
export function lookEverywhere(alphas: Tensor3D, spoken: Float32Array): Scalar {
  const [rows, count] = alphas.shape;
  return tidy(() => {
    const looked: Tensor2D = sum(mul(alphas, tensor3d(spoken, [rows, count, 1])), 1); // [B, L]
    return mean<Scalar>(square(sub(1, looked)));
  });
}

/** logits `[B, T, V]` → the same, with nothing left of these tokens. */
export function suppress(logits: Tensor3D, tokens: readonly number[]): Tensor3D {
  const least = new Float32Array(logits.shape[2]);
  for (const token of tokens) least[token] = NEVER;
  return tidy(() => add(logits, tensor1d(least)));
}
