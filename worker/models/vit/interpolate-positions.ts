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
import { cellWeights, type PositionFilter } from "./cell-weights.ts";

/**
 * Position embeddings for another grid, as Hugging Face interpolates them: `F.interpolate` of PyTorch with mode "bicubic",
 * align_corners false, for ViT and DINOv2 without antialiasing (`filter` "bicubic"), for DINOv2 with registers with it
 * ("antialiased"); the prefix tokens are kept aside.
 *
 * positions `[1, prefix + from.height · from.width, D]` → `[1, prefix + to.height · to.width, D]`, the caller's own.
 * Throws `input-shape` where `positions` does not fit `prefix` and `from`.
 */
export function interpolatePositions(
  positions: Tensor3D,
  prefix: number,
  from: Size,
  to: Size,
  filter: PositionFilter = "bicubic",
): Tensor3D {
  expectShape("positions", positions, [1, prefix + from.height * from.width, null]);
  const D = positions.shape[2];
  return tidy(() => {
    const plane: Tensor2D = reshape(slice(positions, [0, prefix, 0]), [from.height, from.width * D]);
    const rows: Tensor3D = reshape(matMul(matrixOf(from.height, to.height, filter), plane), [to.height, from.width, D]);
    const columns: Tensor2D = reshape(transpose(rows, [1, 0, 2]), [from.width, to.height * D]);
    const grid: Tensor3D = reshape(matMul(matrixOf(from.width, to.width, filter), columns), [to.width, to.height, D]);
    const cells: Tensor3D = reshape(transpose(grid, [1, 0, 2]), [1, to.height * to.width, D]); // row by row
    return concat([slice(positions, 0, [1, prefix, D]), cells], 1);
  });
}

const matrixOf = (from: number, to: number, filter: PositionFilter): Tensor2D =>
  tensor2d(cellWeights(from, to, filter), [to, from]);
