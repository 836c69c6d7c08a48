import { tensor2d, type Tensor, type Tensor2D } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Matrix } from "../contract/lab.ts";
import { takeValues } from "../layers/take-values.ts";

/** `[rows, columns]` on the device, the caller's own. Throws `invalid-argument` for rows of several lengths, or none. */
export function placeMatrix(what: string, matrix: Matrix): Tensor2D {
  const columns = matrix[0]?.length ?? 0;
  if (columns === 0 || matrix.some(({ length }) => length !== columns)) {
    const got = matrix.map(({ length }) => length).join(", ");
    throw new VisionError("invalid-argument", `${what}: expected one row or more of one length, got lengths [${got}]`);
  }
  return tensor2d(matrix.flat(), [matrix.length, columns]);
}

/** Any tensor whose last two axes are all that is longer than 1 → its rows; the tensor is gone. */
export async function takeMatrix(tensor: Tensor): Promise<number[][]> {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number];
  const values = await takeValues(tensor);
  return Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);
}
