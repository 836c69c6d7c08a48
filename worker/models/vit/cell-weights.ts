import type { VitConfig } from "./config.ts";

export type PositionFilter = VitConfig["positionFilter"];

/** How each of `to` cells along an axis is made of `from`, as PyTorch's `F.interpolate` does it: `[to, from]`. */
export const cellWeights = (from: number, to: number, filter: PositionFilter): Float32Array =>
  filter === "bicubic" ? bicubic(from, to) : antialiased(from, to);

/**
 * Keys 1981. Cell centres coincide at the borders: output i sits at (i + ½) · from / to − ½ of the input; neighbours past
 * the edge are the edge.
 */
function bicubic(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from);
  for (let index = 0; index < to; index++) {
    const at = ((index + 0.5) * from) / to - 0.5;
    const left = Math.floor(at);
    for (let cell = left - 1; cell < left + 3; cell++) {
      weights[index * from + Math.min(Math.max(cell, 0), from - 1)]! += cubic(at - cell, -0.75);
    }
  }
  return weights;
}

/** The same kernel as wide as an output cell where that is the larger, and only as far as the edge: Pillow's, unrounded. */
function antialiased(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from);
  const scale = Math.max(from / to, 1); // input cells that one step of the kernel spans
  for (let index = 0; index < to; index++) {
    const centre = ((index + 0.5) * from) / to;
    const first = Math.max(Math.floor(centre - 2 * scale + 0.5), 0);
    const end = Math.min(Math.floor(centre + 2 * scale + 0.5), from);
    const row = Array.from({ length: end - first }, (_, at) => cubic((first + at - centre + 0.5) / scale, -0.5));
    const sum = row.reduce((total, weight) => total + weight, 0);
    row.forEach((weight, at) => (weights[index * from + first + at] = weight / sum));
  }
  return weights;
}

/** The bicubic kernel at a distance of so many cells, 0 from 2 on. `a`: −0.75 in OpenCV, −0.5 in Pillow. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}
