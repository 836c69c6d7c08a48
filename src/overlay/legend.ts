import type { Heat } from "../../worker/contract/heat.ts";
import type { ColourMap } from "./colour-map.ts";
import { rangeOf, type ValueRange } from "./map-range.ts";
import type { OverlayOptions } from "./overlay-options.ts";

export type Tick = { readonly unit: number; readonly text: string }; // unit: 0…1 along the colours

/** What the colours stand for, in the map's own numbers. */
export type Legend = {
  readonly colours: ColourMap;
  readonly range: ValueRange;
  readonly ticks: readonly Tick[]; // from least to most
};

const INTERVALS = 4; // both ends, the middle and the quarters

/** "≤" and "≥" stand at the ends of a range that the map's values reach beyond. An empty range has one tick. */
export function legendOf(heat: Heat, { colours, scale }: Pick<OverlayOptions, "colours" | "scale">): Legend {
  const range = rangeOf(heat.values, scale);
  const width = range.max - range.min;
  if (!(width > 0)) return { colours, range, ticks: [{ unit: 0, text: formatValue(range.min) }] };
  const ticks = Array.from({ length: INTERVALS + 1 }, (_, i) => {
    const beyond = (i === 0 && heat.range.min < range.min) || (i === INTERVALS && heat.range.max > range.max);
    const sign = !beyond ? "" : i === 0 ? "≤ " : "≥ ";
    return { unit: i / INTERVALS, text: sign + formatValue(range.min + (width * i) / INTERVALS) };
  });
  return { colours, range, ticks };
}

/** Three significant digits: `0.0123`, `-4.5`, `1.2e-5`. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && (size < 0.001 || size >= 100_000)) return String(Number(value.toPrecision(3)).toExponential());
  return String(Number(value.toPrecision(3)));
}
