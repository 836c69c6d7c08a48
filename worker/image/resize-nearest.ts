import type { Rectangle, Size } from "../contract/geometry.ts";
import type { RgbImage } from "../contract/pixels.ts";

/** Pillow's nearest neighbour; `window` as in `resize`. */
export function resizeNearest(image: RgbImage, size: Size, window: Rectangle): RgbImage {
  const columns = nearestPositions(image.width, size.width, window.left, window.left + window.width);
  const rows = nearestPositions(image.height, size.height, window.top, window.top + window.height);
  const data = new Uint8Array(window.width * window.height * 3);
  let at = 0;
  for (const y of rows) {
    for (const x of columns) {
      const pixel = (y * image.width + x) * 3;
      data[at++] = image.data[pixel]!;
      data[at++] = image.data[pixel + 1]!;
      data[at++] = image.data[pixel + 2]!;
    }
  }
  return { width: window.width, height: window.height, data };
}

/** The source pixel under the middle of each output pixel, stepping by repeated addition as Pillow does: its rounding shows. */
function nearestPositions(source: number, target: number, start: number, end: number): Int32Array {
  const positions = new Int32Array(end - start);
  const step = source / target;
  let position = step * 0.5;
  for (let output = 0; output < end; output++) {
    if (output >= start) positions[output - start] = Math.min(Math.trunc(position), source - 1);
    position += step;
  }
  return positions;
}
