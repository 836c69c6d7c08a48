import type { Size } from "../../../worker/contract/geometry.ts";
import type { Heat } from "../../../worker/contract/heat.ts";
import type { SeenArea } from "../../../worker/contract/pixels.ts";

/** The model saw the whole photo. */
export const seenWhole = (source: Size): SeenArea => ({
  source,
  resized: source,
  crop: { left: 0, top: 0, ...source },
});

/** A map with these values, rows from the top. */
export function makeHeat(rows: readonly (readonly number[])[], seen: SeenArea): Heat {
  const values = Float32Array.from(rows.flat());
  return {
    method: "rollout",
    grid: { width: rows[0]!.length, height: rows.length },
    values,
    range: { min: Math.min(...values), max: Math.max(...values) },
    seen,
    settings: { layer: 2, head: "mean", query: null, target: null, discard: null },
  };
}
