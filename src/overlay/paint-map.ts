import { colourIndex, colourTable, type ColourMap } from "./colour-map.ts";
import { toUnit, type ValueRange } from "./map-range.ts";

/** A map in colours, `[…, 4]` RGBA with straight alpha: `opacity`, 0…1, where there is a value, clear where it is NaN. */
export function paintMap(
  values: Float32Array,
  range: ValueRange,
  colours: ColourMap,
  opacity: number,
): Uint8ClampedArray<ArrayBuffer> {
  const table = colourTable(colours);
  const alpha = Math.round(opacity * 255);
  const pixels = new Uint8ClampedArray(values.length * 4);
  values.forEach((value, i) => {
    const unit = toUnit(value, range);
    if (Number.isNaN(unit)) return;
    const at = colourIndex(unit) * 3;
    pixels[i * 4] = table[at]!;
    pixels[i * 4 + 1] = table[at + 1]!;
    pixels[i * 4 + 2] = table[at + 2]!;
    pixels[i * 4 + 3] = alpha;
  });
  return pixels;
}

/** The cells a mask keeps, clear, and all others black at `opacity`: `[rows, columns, 4]`. */
export function paintVeil(kept: Uint8Array, opacity: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(kept.length * 4);
  kept.forEach((keep, i) => {
    pixels[i * 4 + 3] = keep ? 0 : Math.round(opacity * 255);
  });
  return pixels;
}
