import { foldBatchNorm, readBatchNorm } from "./batch-norm.ts";
import type { CnnPlan } from "./cnn-engine.ts";
import type { ParameterReader } from "./parameter-reader.ts";

/** A weight `[outputs, inputs, …taps]`, each of its outputs times a scale, and what is added to them. */
export type Kernel = {
  readonly weight: Float32Array;
  readonly scale: Float64Array; // [outputs]
  readonly shift: Float64Array; // [outputs]
};

export const tapsOf = ({ weight, scale }: Kernel, inputs: number): number => weight.length / (inputs * scale.length);

/** A convolution and the batch normalisation behind it, folded. */
export const foldedKernel = (read: ParameterReader, conv: string, norm: string, epsilon: number): Kernel => ({
  ...foldBatchNorm(readBatchNorm(read, norm, epsilon)),
  weight: read(`${conv}.weight`),
});

/** A dense layer or a 1×1 convolution, times a factor. */
export function linearKernel(read: ParameterReader, name: string, factor = 1): Kernel {
  const shift = Float64Array.from(read(`${name}.bias`), (value) => value * factor);
  return { weight: read(`${name}.weight`), scale: shift.map(() => factor), shift };
}

/** Of queries, keys and values, and of the output. Queries have the scale of the scores in them, times `unit`; the output the gate. */
export function attentionKernels(
  read: ParameterReader,
  { innerChannels, scaled }: NonNullable<CnnPlan["attention"]>,
  unit = 1,
): { readonly parts: readonly Kernel[]; readonly output: Kernel } {
  const part = (name: string, factor?: number): Kernel => linearKernel(read, `attention.${name}`, factor);
  const parts = [part("query", unit / (scaled ? Math.sqrt(innerChannels) : 1)), part("key"), part("value")];
  return { parts, output: part("output", read("attention.gamma")[0]) };
}
