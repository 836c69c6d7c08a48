import type { HostArray } from "../../contract/forward.ts";
import type { HostMatrix } from "../webgl/matrices.ts";
import type { Grid } from "./dimensions.ts";

/** images `[B, height, width, C]` → a row for each of their positions, `seats` of them for an image. */
export function placeImages(
  images: Float32Array,
  { width, height, channels, pitch }: Grid,
  seats: number,
  { values, columns }: HostMatrix,
): void {
  for (let at = 0, line = 0; at < images.length; line++) {
    const y = line % height;
    const row = ((line - y) / height) * seats + y * pitch;
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++) values[(row + x) * columns + channel] = images[at++]!;
  }
}

/** Rows of maps, `[B · height · pitch, columns]` → `[B, height, width, C]` */
export function takeMaps(rows: Float32Array, { width, height, channels, pitch }: Grid, columns: number): HostArray {
  const lines = rows.length / (pitch * columns);
  const values = new Float32Array(lines * width * channels);
  for (let line = 0, to = 0; line < lines; line++)
    for (let x = 0; x < width; x++, to += channels) {
      const from = (line * pitch + x) * columns;
      values.set(rows.subarray(from, from + channels), to);
    }
  return { shape: [lines / height, height, width, channels], values };
}
