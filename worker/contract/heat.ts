import { mapFromMatrix } from "./attention-matrix.ts";
import { VisionError } from "./errors.ts";
import type { Query } from "./explain-request.ts";
import type { ExplainSettings, HeadRows, MatrixExplanation } from "./explanation.ts";
import type { Size } from "./geometry.ts";
import type { SeenArea } from "./pixels.ts";

/** The questions a map answers, as they were asked; `null` where the method asks no such question. */
export type HeatSettings = Omit<ExplainSettings, "method">;

/** No question is asked: what a method does ask is spread over it. */
export const UNASKED = { layer: null, head: null, query: null, target: null, discard: null } as const;

/** Where a model looked: one number for each cell of a grid that lies over the part of the photo the model saw. */
export type Heat = {
  readonly method: string; // one of explain's, or "caption"
  readonly grid: Size; // columns (width), rows (height) of the map
  readonly values: Float32Array; // `[rows, columns]`, row-major
  readonly range: { readonly min: number; readonly max: number }; // of the values
  readonly seen: SeenArea;
  readonly settings: HeatSettings;
};

/** The maps of every query of one photo. */
export type HeatMatrix = MatrixExplanation & { readonly seen: SeenArea };

/** One query's map from every head of every layer of one photo. */
export type HeadHeats = HeadRows & { readonly seen: SeenArea };

/** What of the photo a grid lies over, where it covers so much of the model's input. */
export const seenByGrid = (seen: SeenArea, gridSpan: Size): SeenArea => ({
  ...seen,
  crop: { ...seen.crop, ...gridSpan },
});

/** A map before it is known what of the photo it lies over. */
type PlainMap = Pick<Heat, "grid" | "values"> & { readonly settings: HeatSettings & Pick<Heat, "method"> };

export function toHeat({ grid, values, settings: { method, ...settings } }: PlainMap, seen: SeenArea): Heat {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { method, grid, values, range: { min, max }, seen, settings };
}

/** One query's map, without asking the model again. Throws `invalid-argument` for a query that is not there. */
export function heatOfQuery(matrix: HeatMatrix, query: Query): Heat {
  const { grid, settings, seen } = matrix;
  return toHeat({ grid, values: mapFromMatrix(matrix, query), settings: { ...settings, query } }, seen);
}

/** One head's map. Throws `invalid-argument` for a head that is not there. */
export function heatOfHead({ grid, layers, heads, values, query, seen }: HeadHeats, layer: number, head: number): Heat {
  expectIndex("layer", layer, layers);
  expectIndex("head", head, heads);
  const cells = grid.width * grid.height;
  const first = (layer * heads + head) * cells;
  const settings = { ...UNASKED, method: "raw", layer, head, query };
  return toHeat({ grid, values: values.slice(first, first + cells), settings }, seen);
}

function expectIndex(what: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new VisionError("invalid-argument", `${what}: wanted one from 0 to ${count - 1}, got ${index}`);
}
