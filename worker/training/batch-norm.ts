import {
  add,
  mean,
  mul,
  reshape,
  rsqrt,
  square,
  sub,
  tidy,
  type Tensor1D,
  type Tensor4D,
  type Variable,
} from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";

/** Batch normalisation while it is learned; once trained, `foldBatchNorm` puts it into a convolution. */
export type BatchNormParameters = {
  readonly scale: Tensor1D; // [C], γ
  readonly shift: Tensor1D; // [C], β
  readonly epsilon: number; // inside the root
};

export type NormalisedBatch = {
  readonly output: Tensor4D; // [B, H, W, C]
  readonly mean: Tensor1D; // [C]
  readonly variance: Tensor1D; // [C], unbiased: what running statistics follow
};

/**
 * map `[B, H, W, C]` → each channel with mean 0 and variance 1 over the whole batch, scaled and shifted; as PyTorch's
 * `BatchNorm2d` in training, which divides by the biased variance. The caller owns the results.
 */
export function normaliseBatch({ scale, shift, epsilon }: BatchNormParameters, map: Tensor4D): NormalisedBatch {
  const [batch, height, width, channels] = map.shape;
  const count = batch * height * width;
  if (count < 2) {
    throw new VisionError(
      "input-shape",
      `batch normalisation: wanted 2 or more values a channel, got [${map.shape.join(", ")}]`,
    );
  }
  return tidy(() => {
    const rows = reshape(map, [count, channels]); // [B·H·W, C]
    const average = mean<Tensor1D>(rows, 0); // [C]
    const centred = sub(rows, average); // [B·H·W, C]
    const variance = mean<Tensor1D>(square(centred), 0); // [C]
    const factor = mul(rsqrt(add(variance, epsilon)), scale); // [C]
    const output: Tensor4D = reshape(add(mul(centred, factor), shift), map.shape);
    return { output, mean: average, variance: mul(variance, count / (count - 1)) };
  });
}

/** Moves running statistics towards those of one batch; PyTorch's momentum is 0.1, the share of the new one. */
export function followStatistic(running: Variable, batch: Tensor1D, momentum = 0.1): void {
  tidy(() => running.assign(add(mul(running, 1 - momentum), mul(batch, momentum))));
}
