import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { cellWeights } from "./cell-weights.ts";
import { gridSize, positionGrid, prefixTokens, type VitConfig } from "./config.ts";

/** A config whose positions are those of its own pictures, and how its parameters are read. */
export type FittedVit = { readonly config: VitConfig; readonly read: ParameterReader };

/**
 * The same model with positions that are interpolated once, for pictures of `imageSize`, where those that it learned are
 * for others.
 */
export function fitPositions(config: VitConfig, read: ParameterReader): FittedVit {
  if (config.positionSize === null) return { config, read };
  const name = "embeddings.position_embeddings";
  return {
    config: { ...config, positionSize: null },
    read: (asked) => (asked === name ? interpolated(config, read(name)) : read(asked)),
  };
}

/** positions `[P + from, D]` → `[P + to, D]`; `interpolatePositions` on the host. */
function interpolated(config: VitConfig, positions: Float32Array): Float32Array {
  const [from, to] = [positionGrid(config), gridSize(config)];
  const D = config.hiddenSize;
  const first = prefixTokens(config) * D;
  const down = cellWeights(from.height, to.height, config.positionFilter);
  const across = cellWeights(from.width, to.width, config.positionFilter);
  const result = new Float32Array(first + to.height * to.width * D);
  result.set(positions.subarray(0, first));
  const rows = product(down, [to.height, from.height], positions.subarray(first), from.width * D);
  for (let row = 0; row < to.height; row++) {
    const cells = rows.subarray(row * from.width * D, (row + 1) * from.width * D); // [from.width, D]
    result.set(product(across, [to.width, from.width], cells, D), first + row * to.width * D);
  }
  return result;
}

/** a `[rows, depth]` · b `[depth, columns]` → `[rows, columns]` */
function product(
  a: Float32Array,
  [rows, depth]: readonly [number, number],
  b: Float32Array,
  columns: number,
): Float32Array {
  const c = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < depth; at++) {
      const factor = a[row * depth + at]!;
      if (factor === 0) continue;
      for (let column = 0; column < columns; column++) c[row * columns + column]! += factor * b[at * columns + column]!;
    }
  }
  return c;
}
