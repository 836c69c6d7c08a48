import type { ResizeFilter } from "../contract/pixels.ts";

/** A filter that weighs several source pixels; "nearest" picks one and takes another path. */
export type WeighingFilter = Exclude<ResizeFilter, "nearest">;

/** `weight(x)` is 0 for |x| > support; x in output pixels when shrinking, in source pixels when enlarging. */
export type FilterKernel = { readonly support: number; readonly weight: (x: number) => number };

const box = (x: number): number => (x > -0.5 && x <= 0.5 ? 1 : 0);

const bilinear = (x: number): number => Math.max(0, 1 - Math.abs(x));

// Pillow writes these two as C floats, and their rounding shows in the last bit of some weights.
const HAMMING_A = Math.fround(0.54);
const HAMMING_B = Math.fround(0.46);

function hamming(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= 1) return 0;
  const angle = Math.abs(x) * Math.PI;
  return (Math.sin(angle) / angle) * (HAMMING_A + HAMMING_B * Math.cos(angle));
}

/** Keys' cubic convolution with a = -0.5. */
function bicubic(signed: number): number {
  const x = Math.abs(signed);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * -0.5;
  return 0;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** A sinc, windowed by the wide lobe of another. */
const lanczos = (x: number): number => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0);

/** Pillow's kernels, as its `Resample.c` defines them. */
export const FILTER_KERNELS: Readonly<Record<WeighingFilter, FilterKernel>> = {
  box: { support: 0.5, weight: box },
  bilinear: { support: 1, weight: bilinear },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: lanczos },
};
