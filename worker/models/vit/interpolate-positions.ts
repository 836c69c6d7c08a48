import { VisionError } from "../../contract/errors.ts";
import type { Size } from "../../contract/geometry.ts";

const A = -0.75; // the bicubic kernel's one parameter, as in PyTorch's and OpenCV's

/** Where one output cell takes its value from: four neighbours along an axis, clamped to the edge. */
type Taps = { readonly cells: readonly number[]; readonly weights: readonly number[] };

/**
 * Position embeddings for another grid, as Hugging Face's ViT interpolates them: `F.interpolate` of PyTorch with
 * mode "bicubic", align_corners false and no antialiasing (Keys 1981, a = −0.75); the prefix tokens are kept aside.
 *
 * positions `[prefix + from.height · from.width, D]`, row-major → `[prefix + to.height · to.width, D]`, always a new
 * array. Throws `input-shape` where `positions` does not fit `prefix` and `from`.
 */
export function interpolatePositions(positions: Float32Array, prefix: number, from: Size, to: Size): Float32Array {
  const width = positions.length / (prefix + from.width * from.height); // D
  if (!Number.isInteger(width)) {
    throw new VisionError(
      "input-shape",
      `positions: wanted ${prefix} + ${from.height} × ${from.width} rows of equal length, got ${positions.length} numbers`,
    );
  }
  if (from.width === to.width && from.height === to.height) return positions.slice();
  const out = new Float32Array((prefix + to.width * to.height) * width);
  out.set(positions.subarray(0, prefix * width));
  const columns = bicubicTaps(from.width, to.width);
  bicubicTaps(from.height, to.height).forEach((rows, y) => {
    columns.forEach((cols, x) => {
      const cell = out.subarray((prefix + y * to.width + x) * width, (prefix + y * to.width + x + 1) * width);
      blend(cell, positions.subarray(prefix * width), rows, cols, from.width);
    });
  });
  return out;
}

/** cell `[D]` = the 4 × 4 neighbours in grid `[from.height · from.width, D]`, weighted. */
function blend(cell: Float32Array, grid: Float32Array, rows: Taps, columns: Taps, gridWidth: number): void {
  for (let d = 0; d < cell.length; d++) {
    let sum = 0;
    rows.cells.forEach((row, i) => {
      let along = 0;
      columns.cells.forEach((column, j) => {
        along += (columns.weights[j] ?? 0) * (grid[(row * gridWidth + column) * cell.length + d] ?? 0);
      });
      sum += (rows.weights[i] ?? 0) * along;
    });
    cell[d] = sum;
  }
}

/** Cell centres coincide at the borders: output i sits at (i + ½) · from / to − ½ of the input. */
function bicubicTaps(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, index) => {
    const at = ((index + 0.5) * from) / to - 0.5;
    const left = Math.floor(at);
    const t = at - left;
    return {
      cells: [-1, 0, 1, 2].map((step) => Math.min(Math.max(left + step, 0), from - 1)),
      weights: [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)],
    };
  });
}

/** The kernel at a distance of 0…1 cells. */
const inner = (x: number): number => ((A + 2) * x - (A + 3)) * x * x + 1;

/** The kernel at a distance of 1…2 cells. */
const outer = (x: number): number => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
