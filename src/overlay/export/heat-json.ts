import type { Heat } from "../../../worker/contract/heat.ts";

/** Who made a map, as far as whoever exports it knows. */
export type Provenance = { readonly model?: string | undefined; readonly file?: string | undefined };

/**
 * A map and all that is known of it as JSON text; `grid` is `[rows, columns]` and `map` row-major, as the command line
 * prints them. Numbers that JSON cannot hold are null.
 */
export function heatJson(heat: Heat, { file, model }: Provenance = {}): string {
  const { method, settings, grid, range, seen, values } = heat;
  const map = Array.from(values, shortest);
  const known = { file, model, method, settings, grid: [grid.height, grid.width], range, seen, map };
  return `${JSON.stringify(known)}\n`;
}

/** The fewest digits that give the same float32 again: 9 are always enough. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}
