import { mean, slice, tidy, type Tensor2D } from "@tensorflow/tfjs-core";
import { defaultQuery, queryRows, type AttentionMatrix } from "../contract/attention-matrix.ts";
import type { Query } from "../contract/explain-request.ts";
import type { ExplainSettings, Explanation, MatrixExplanation } from "../contract/explanation.ts";
import { takeValues } from "../layers/take-values.ts";

/** A matrix of attention while it is on the device, and what it answers. */
export type DeviceMatrix = Omit<AttentionMatrix, "matrix"> & {
  readonly matrix: Tensor2D; // [T(query), T(key)]
  readonly settings: ExplainSettings;
};

/** Reads all rows back, and ends the matrix. */
export const readMatrix = async ({ matrix, ...about }: DeviceMatrix): Promise<MatrixExplanation> => ({
  matrix: await takeValues(matrix),
  ...about,
});

/** Reads one query's map back and nothing else, and ends the matrix. Throws as `queryRows` does. */
export async function readQuery(device: DeviceMatrix, asked: Query | undefined): Promise<Explanation> {
  const { matrix, prefixTokens, grid, settings } = device;
  const query = asked ?? defaultQuery(prefixTokens);
  try {
    const { first, count } = queryRows(device, query);
    const cells = grid.width * grid.height;
    const row = tidy(() => mean(slice(matrix, [first, prefixTokens], [count, cells]), 0)); // [cells]
    return { grid, values: await takeValues(row), settings: { ...settings, query } };
  } finally {
    matrix.dispose();
  }
}
