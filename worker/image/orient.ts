import type { RgbImage } from "../contract/pixels.ts";
import type { Orientation } from "./headers/format-header.ts";

type Turn = { readonly transpose: boolean; readonly mirror: boolean; readonly flip: boolean };

/** How the stored picture is read, by EXIF orientation: rows for columns, then from the right, then from below. */
const TURNS: Readonly<Record<Orientation, Turn>> = {
  1: { transpose: false, mirror: false, flip: false },
  2: { transpose: false, mirror: true, flip: false },
  3: { transpose: false, mirror: true, flip: true },
  4: { transpose: false, mirror: false, flip: true },
  5: { transpose: true, mirror: false, flip: false },
  6: { transpose: true, mirror: false, flip: true },
  7: { transpose: true, mirror: true, flip: true },
  8: { transpose: true, mirror: true, flip: false },
};

/** Sets a stored picture upright by its EXIF orientation, as Pillow's `exif_transpose`; 1 gives the picture itself. */
export function orient(stored: RgbImage, orientation: Orientation): RgbImage {
  if (orientation === 1) return stored;
  const { transpose, mirror, flip } = TURNS[orientation];
  const [width, height] = transpose ? [stored.height, stored.width] : [stored.width, stored.height];
  // A step along the result's row is one along the stored column where rows and columns swap. `mirror` and `flip`
  // run the stored columns and rows backwards.
  const column = mirror ? -1 : 1;
  const row = flip ? -stored.width : stored.width;
  const start = (mirror ? stored.width - 1 : 0) + (flip ? (stored.height - 1) * stored.width : 0);
  const [across, down] = transpose ? [row, column] : [column, row];
  const data = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = (start + y * down + x * across) * 3;
      data[at++] = stored.data[pixel]!;
      data[at++] = stored.data[pixel + 1]!;
      data[at++] = stored.data[pixel + 2]!;
    }
  }
  return { width, height, data };
}
