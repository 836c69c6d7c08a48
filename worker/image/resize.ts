import type { Rectangle, Size } from "../contract/geometry.ts";
import type { ResizeFilter, RgbImage } from "../contract/pixels.ts";
import { cutOut } from "./cut-out.ts";
import { FILTER_KERNELS } from "./resize-filters.ts";
import { PRECISION_BITS, resampleTaps, type Taps } from "./resample-taps.ts";
import { resizeNearest } from "./resize-nearest.ts";

const HALF = 1 << (PRECISION_BITS - 1); // turns the final shift into rounding

/**
 * Pillow's `Image.resize(size, filter)` of an 8-bit RGB picture, byte for byte (checked against Pillow 9.4; later
 * versions take pictures over 100 times taller than wide in the other order of passes).
 *
 * `window`, in pixels of the resized picture and inside it, asks for that part alone: the same bytes as cropping
 * afterwards, without computing the rest. Both sizes must be at least 1 × 1.
 */
export function resize(image: RgbImage, size: Size, filter: ResizeFilter, window: Rectangle = whole(size)): RgbImage {
  if (image.width === size.width && image.height === size.height) return cutOut(image, window);
  if (filter === "nearest") return resizeNearest(image, size, window);
  const kernel = FILTER_KERNELS[filter];
  const bottom = window.top + window.height;
  const rows = resampleTaps(kernel, image.height, size.height, window.top, bottom);
  const needed = rowsRead(rows);
  const narrowed =
    image.width === size.width
      ? cutOut(image, { left: window.left, top: needed.top, width: window.width, height: needed.height })
      : resampleColumns(
          image,
          resampleTaps(kernel, image.width, size.width, window.left, window.left + window.width),
          needed,
        );
  if (image.height !== size.height) return resampleRows(narrowed, rows, needed.top);
  return cutOut(narrowed, { left: 0, top: window.top - needed.top, width: window.width, height: window.height });
}

const whole = (size: Size): Rectangle => ({ left: 0, top: 0, ...size });

type Rows = { readonly top: number; readonly height: number };

/** The band of source rows that the vertical pass reads; the horizontal pass skips the others. */
function rowsRead({ first, count }: Taps): Rows {
  const top = first[0]!;
  return { top, height: first[first.length - 1]! + count[count.length - 1]! - top };
}

/** Horizontal pass over a band of rows: `[rows, source width, 3]` → `[rows, outputs, 3]`. */
function resampleColumns(image: RgbImage, taps: Taps, rows: Rows): RgbImage {
  const { first, count, weights, stride } = taps;
  const source = image.data;
  const width = first.length;
  const data = new Uint8ClampedArray(width * rows.height * 3);
  let at = 0;
  for (let y = rows.top; y < rows.top + rows.height; y++) {
    const row = y * image.width;
    for (let x = 0; x < width; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let pixel = (row + first[x]!) * 3;
      const from = x * stride;
      const to = from + count[x]!;
      for (let tap = from; tap < to; tap++, pixel += 3) {
        const weight = weights[tap]!;
        red += Math.imul(source[pixel]!, weight);
        green += Math.imul(source[pixel + 1]!, weight);
        blue += Math.imul(source[pixel + 2]!, weight);
      }
      data[at++] = red >> PRECISION_BITS;
      data[at++] = green >> PRECISION_BITS;
      data[at++] = blue >> PRECISION_BITS;
    }
  }
  return { width, height: rows.height, data: new Uint8Array(data.buffer) };
}

/** Vertical pass: `[source rows, width, 3]` → `[outputs, width, 3]`; the picture starts at source row `top`. */
function resampleRows(image: RgbImage, taps: Taps, top: number): RgbImage {
  const { first, count, weights, stride } = taps;
  const source = image.data;
  const height = first.length;
  const values = image.width * 3;
  const data = new Uint8ClampedArray(values * height);
  const sums = new Int32Array(values);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < count[y]!; tap++) {
      const weight = weights[y * stride + tap]!;
      const row = (first[y]! - top + tap) * values;
      for (let i = 0; i < values; i++) sums[i] = sums[i]! + Math.imul(source[row + i]!, weight);
    }
    for (let i = 0; i < values; i++) data[y * values + i] = sums[i]! >> PRECISION_BITS;
  }
  return { width: image.width, height, data: new Uint8Array(data.buffer) };
}
