import { VisionError } from "../../worker/contract/errors.ts";

/** Values at the two ends of a colour map. */
export type ValueRange = { readonly min: number; readonly max: number };

/** Which values the ends of the colour map stand for. `symmetric` puts 0 in the middle, for signed maps. */
export type MapScale =
  | { readonly kind: "min-max" }
  | { readonly kind: "zero-max" }
  | { readonly kind: "percentiles"; readonly low: number; readonly high: number } // 0…100
  | { readonly kind: "symmetric" }
  | ({ readonly kind: "fixed" } & ValueRange); // shared by several maps

/** The range of a map under a scale; what is not a number is left out, and a map without numbers has the range 0…0. */
export function rangeOf(values: Float32Array, scale: MapScale): ValueRange {
  switch (scale.kind) {
    case "min-max":
      return extremes(values);
    case "zero-max":
      return { min: 0, max: Math.max(0, extremes(values).max) };
    case "percentiles":
      return percentiles(values, scale.low, scale.high);
    case "symmetric": {
      const { min, max } = extremes(values);
      const most = Math.max(Math.abs(min), Math.abs(max));
      return { min: -most, max: most };
    }
    case "fixed":
      return { min: scale.min, max: scale.max };
  }
}

/** One range for maps that are to be compared: the widest of what the scale gives each of them. */
export function sharedScale(maps: readonly Float32Array[], scale: MapScale): MapScale {
  const ranges = maps.map((values) => rangeOf(values, scale));
  if (ranges.length === 0) return scale;
  return {
    kind: "fixed",
    min: Math.min(...ranges.map(({ min }) => min)),
    max: Math.max(...ranges.map(({ max }) => max)),
  };
}

/** A value's place in a range, 0…1, clamped; 0 where the range is empty, NaN for what is not a number. */
export function toUnit(value: number, { min, max }: ValueRange): number {
  if (max <= min) return Number.isNaN(value) ? NaN : 0;
  return Math.min(Math.max((value - min) / (max - min), 0), 1);
}

function extremes(values: Float32Array): ValueRange {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** By linear interpolation between neighbours in order, as numpy's `percentile`. */
function percentiles(values: Float32Array, low: number, high: number): ValueRange {
  if (!(low >= 0 && low <= high && high <= 100)) {
    throw new VisionError("invalid-argument", `scale: wanted percentiles 0 ≤ low ≤ high ≤ 100, got ${low} and ${high}`);
  }
  const sorted = values.filter(Number.isFinite).sort();
  const at = (percent: number): number => {
    const place = ((sorted.length - 1) * percent) / 100;
    const below = sorted[Math.floor(place)] ?? 0;
    const above = sorted[Math.ceil(place)] ?? 0;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { min: at(low), max: at(high) };
}
