import { VisionError } from "./errors.ts";
import type { Query } from "./explain-request.ts";
import type { Size } from "./geometry.ts";

/** Where every token of one picture looked. */
export type AttentionMatrix = {
  readonly matrix: Float32Array; // [T(query), T(key)], row-major; T = prefix tokens + cells
  readonly prefixTokens: number; // before the first cell: class, distillation
  readonly grid: Size; // cells
};

/** The rows of the matrix that a query means: from `first`, `count` of them, whose mean is taken. */
export type QueryRows = { readonly first: number; readonly count: number };

/** Whose attention a map shows unless told otherwise: the class token's or, in a model without one, that of all cells. */
export const defaultQuery = (prefixTokens: number): Query => (prefixTokens > 0 ? "class" : "mean");

/** Throws `invalid-argument` for a class token that is not there and for a cell outside the grid. */
export function queryRows(
  { prefixTokens, grid }: Pick<AttentionMatrix, "prefixTokens" | "grid">,
  query: Query = defaultQuery(prefixTokens),
): QueryRows {
  if (query === "mean") return { first: prefixTokens, count: grid.width * grid.height };
  if (query === "class") {
    if (prefixTokens > 0) return { first: 0, count: 1 };
    throw new VisionError("invalid-argument", "query: this model has no class token; ask for mean or a cell");
  }
  const cells = grid.width * grid.height;
  if (Number.isInteger(query) && query >= 0 && query < cells) return { first: prefixTokens + query, count: 1 };
  const wanted = `a cell from 0 to ${cells - 1} (${grid.height} rows of ${grid.width})`;
  throw new VisionError("invalid-argument", `query: wanted ${wanted}, got ${query}`);
}

/** The map `[grid.height · grid.width]`, row-major, of one query: its weights to the cells as they are, prefix left out. */
export function mapFromMatrix(attention: AttentionMatrix, query?: Query): Float32Array {
  const { matrix, prefixTokens, grid } = attention;
  const { first, count } = queryRows(attention, query);
  const cells = grid.width * grid.height;
  const tokens = prefixTokens + cells;
  return Float32Array.from({ length: cells }, (_, cell) => {
    let sum = 0;
    for (let row = first; row < first + count; row++) sum += matrix[row * tokens + prefixTokens + cell]!;
    return sum / count;
  });
}
