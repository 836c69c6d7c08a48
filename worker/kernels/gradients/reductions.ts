import {
  fill,
  Mean,
  mul,
  reshape,
  Softmax,
  sub,
  sum,
  Sum,
  util,
  type GradConfig,
  type SumAttrs,
  type Tensor,
} from "@tensorflow/tfjs-core";

/** Of a reduction in which every element counts the same: `share` of n elements is what one gets of dy. */
const evenly = (kernelName: string, share: (n: number) => number): GradConfig => ({
  kernelName,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => {
    const { shape, size } = x!;
    const axes = util.parseAxisParam((attributes as unknown as SumAttrs).axis, shape);
    const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const reduced = size / util.sizeFromShape(kept);
    return { x: () => mul(reshape(dy as Tensor, kept), fill(shape, share(reduced))) };
  },
});

/** Over the last axis: y (dy − Σ dy · y). */
const softmax: GradConfig = {
  kernelName: Softmax,
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    logits: () => mul(y!, sub(dy as Tensor, sum(mul(dy as Tensor, y!), -1, true))),
  }),
};

/** Kernels that sum over axes. */
export const reductions: readonly GradConfig[] = [evenly(Sum, () => 1), evenly(Mean, (n) => 1 / n), softmax];
