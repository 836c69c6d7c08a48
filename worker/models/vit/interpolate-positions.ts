import {
  concat,
  matMul,
  reshape,
  slice,
  tensor2d,
  tidy,
  transpose,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import type { Size } from "../../contract/geometry.ts";
import { expectShape } from "../../layers/expect-shape.ts";

const A = -0.75; // the bicubic kernel's one parameter, as in PyTorch's and OpenCV's

/**
 * Position embeddings for another grid, as Hugging Face's ViT interpolates them: `F.interpolate` of PyTorch with
 * mode "bicubic", align_corners false and no antialiasing (Keys 1981, a = −0.75); the prefix tokens are kept aside.
 *
 * positions `[1, prefix + from.height · from.width, D]` → `[1, prefix + to.height · to.width, D]`, the caller's own.
 * Throws `input-shape` where `positions` does not fit `prefix` and `from`.
 */
export function interpolatePositions(positions: Tensor3D, prefix: number, from: Size, to: Size): Tensor3D {
  expectShape("positions", positions, [1, prefix + from.height * from.width, null]);
  const D = positions.shape[2];
  return tidy(() => {
    const plane: Tensor2D = reshape(slice(positions, [0, prefix, 0]), [from.height, from.width * D]);
    const rows: Tensor3D = reshape(matMul(cubicMatrix(from.height, to.height), plane), [to.height, from.width, D]);
    const columns: Tensor2D = reshape(transpose(rows, [1, 0, 2]), [from.width, to.height * D]);
    const grid: Tensor3D = reshape(matMul(cubicMatrix(from.width, to.width), columns), [to.width, to.height, D]);
    const cells: Tensor3D = reshape(transpose(grid, [1, 0, 2]), [1, to.height * to.width, D]); // row by row
    return concat([slice(positions, 0, [1, prefix, D]), cells], 1);
  });
}

/**
 * How each of `to` cells along an axis is made of `from`: `[to, from]`. Cell centres coincide at the borders: output i
 * sits at (i + ½) · from / to − ½ of the input; neighbours past the edge are the edge.
 */
function cubicMatrix(from: number, to: number): Tensor2D {
  const weights = new Float32Array(to * from);
  for (let index = 0; index < to; index++) {
    const at = ((index + 0.5) * from) / to - 0.5;
    const left = Math.floor(at);
    const t = at - left;
    [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)].forEach((weight, tap) => {
      const cell = Math.min(Math.max(left - 1 + tap, 0), from - 1);
      weights[index * from + cell]! += weight;
    });
  }
  return tensor2d(weights, [to, from]);
}

/** The kernel at a distance of 0…1 cells. */
const inner = (x: number): number => ((A + 2) * x - (A + 3)) * x * x + 1;

/** The kernel at a distance of 1…2 cells. */
const outer = (x: number): number => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
