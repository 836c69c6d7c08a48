import { mean, slice, tidy, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import { defaultQuery, queryRows, type AttentionMatrix } from "../contract/attention-matrix.ts";
import type { Query } from "../contract/explain-request.ts";
import type { ExplainSettings, Explanation, MatrixExplanation } from "../contract/explanation.ts";

/** A matrix of attention while it is on the device, and what it answers. */
export type DeviceMatrix = Omit<AttentionMatrix, "matrix"> & {
  readonly matrix: Tensor2D; // [T(query), T(key)]
  readonly settings: ExplainSettings;
};

/** Reads all rows back, and ends the matrix. */
export async function readMatrix({ matrix, prefixTokens, grid, settings }: DeviceMatrix): Promise<MatrixExplanation> {
  try {
    return { matrix: (await matrix.data()) as Float32Array, prefixTokens, grid, settings };
  } finally {
    matrix.dispose();
  }
}

/** Reads one query's map back and nothing else, and ends the matrix. Throws as `queryRows` does. */
export async function readQuery(device: DeviceMatrix, asked: Query | undefined): Promise<Explanation> {
  const { matrix, prefixTokens, grid, settings } = device;
  const query = asked ?? defaultQuery(prefixTokens);
  try {
    const { first, count } = queryRows(device, query);
    const cells = grid.width * grid.height;
    const row = tidy(() => mean(slice(matrix, [first, prefixTokens], [count, cells]), 0)); // [cells]
    return { grid, values: await readMap(row as Tensor1D), settings: { ...settings, query } };
  } finally {
    matrix.dispose();
  }
}

/** Reads a map back, and ends it. */
export async function readMap(map: Tensor1D): Promise<Float32Array> {
  try {
    return (await map.data()) as Float32Array;
  } finally {
    map.dispose();
  }
}
