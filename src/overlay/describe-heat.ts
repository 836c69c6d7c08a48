import type { Heat } from "../../worker/contract/heat.ts";
import { cellIndex, type Cell } from "./cell-geometry.ts";
import { formatValue } from "./legend.ts";

/** Method and settings as they were asked for, what was not asked left out: `raw · layer 11 · query 45`. */
export function describeHeat({ method, settings }: Heat): string {
  const { discard, ...others } = settings;
  const asked = Object.entries({ ...others, discard: discard || null }).filter(([, value]) => value !== null);
  return [method, ...asked.map(([name, value]) => `${name} ${value}`)].join(" · ");
}

/** For screen readers: the map, and the cell that is pointed at with its value, counted from 1. */
export function describeForEars(heat: Heat | null, cell: Cell | null): string {
  if (!heat) return "Photo without a map";
  const { width, height } = heat.grid;
  const map = `Map over the photo, ${describeHeat(heat)}, ${width} by ${height} patches`;
  if (!cell) return `${map}; arrow keys choose a patch`;
  const value = formatValue(heat.values[cellIndex(heat.grid, cell)]!);
  return `Column ${cell.column + 1} of ${width}, row ${cell.row + 1} of ${height}: ${value}. ${map}`;
}
