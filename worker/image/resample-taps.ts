import type { FilterKernel } from "./resize-filters.ts";

/** Weights are fixed-point with this many fractional bits: 32 less 8 for the pixel and 2 for overshoot and sign. */
export const PRECISION_BITS = 32 - 8 - 2;

/** Which source pixels, how heavily, make each output pixel along one axis; output `i` reads `count[i]` pixels from `first[i]`. */
export type Taps = {
  readonly first: Int32Array; // [outputs]
  readonly count: Int32Array; // [outputs]
  readonly weights: Int32Array; // [outputs, stride], fixed-point, summing to about 1 << PRECISION_BITS
  readonly stride: number;
};

/**
 * Taps of outputs `start … end - 1` when `source` pixels become `target`, as Pillow computes them:
 * the kernel widens with the reduction, and weights are normalised before they are rounded.
 */
export function resampleTaps(kernel: FilterKernel, source: number, target: number, start: number, end: number): Taps {
  const scale = source / target;
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(end - start);
  const count = new Int32Array(end - start);
  const weights = new Int32Array((end - start) * stride);
  const exact = new Float64Array(stride);
  const perPixel = 1 / widening; // multiplied by, not divided by: the last bit matters

  for (let output = 0; output < end - start; output++) {
    const centre = (output + start + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const taps = Math.min(source, Math.trunc(centre + support + 0.5)) - from;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const weight = kernel.weight((tap + from - centre + 0.5) * perPixel);
      exact[tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap++) {
      const weight = sum === 0 ? exact[tap]! : exact[tap]! / sum;
      weights[output * stride + tap] = toFixedPoint(weight);
    }
    first[output] = from;
    count[output] = taps;
  }
  return { first, count, weights, stride };
}

/** Rounds half away from zero, as the C cast does. */
const toFixedPoint = (weight: number): number => Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << PRECISION_BITS));
