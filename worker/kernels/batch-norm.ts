import type { ParameterReader } from "./parameter-reader.ts";

/** Batch normalisation as it is learned (Ioffe & Szegedy 2015), one number per channel each. */
type BatchNorm = {
  readonly weight: Float32Array; // [C], γ
  readonly bias: Float32Array; // [C], β
  readonly runningMean: Float32Array; // [C]
  readonly runningVariance: Float32Array; // [C]
  readonly epsilon: number; // inside the root
};

/** What is left of it once the statistics stand still: y = scale · x + shift, in float64. */
type FoldedBatchNorm = {
  readonly scale: Float64Array; // [C]
  readonly shift: Float64Array; // [C]
};

/** The batch normalisation of this name, as PyTorch names its parts. */
export const readBatchNorm = (read: ParameterReader, name: string, epsilon: number): BatchNorm => ({
  weight: read(`${name}.weight`),
  bias: read(`${name}.bias`),
  runningMean: read(`${name}.running_mean`),
  runningVariance: read(`${name}.running_var`),
  epsilon,
});

/** γ (x − mean) / √(variance + ε) + β as one scale and one shift per channel, ready to go into a convolution. */
export function foldBatchNorm(norm: BatchNorm): FoldedBatchNorm {
  const scale = Float64Array.from(
    norm.weight,
    (weight, channel) => weight / Math.sqrt(norm.runningVariance[channel]! + norm.epsilon),
  );
  const shift = scale.map((factor, channel) => norm.bias[channel]! - factor * norm.runningMean[channel]!);
  return { scale, shift };
}
