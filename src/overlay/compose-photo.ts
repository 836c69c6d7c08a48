import type { Heat } from "../../worker/contract/heat.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import { seenRectangle } from "./cell-geometry.ts";
import { rectangleInBox } from "./fit-photo.ts";
import { rangeOf } from "./map-range.ts";
import { massMask } from "./mass-mask.ts";
import type { OverlayOptions } from "./overlay-options.ts";
import { paintMap, paintVeil } from "./paint-map.ts";
import { upsample, type Upsampling } from "./upsample.ts";

type Painted = Pick<OverlayOptions, "colours" | "scale" | "upsampling" | "opacity" | "mass"> & {
  readonly style: "colours" | "mask";
};

/** The photo, at its own size, with the map over it: what needs no canvas. The photo may be a smaller copy of the source. */
export function composePhoto(photo: RgbImage, heat: Heat, options: Painted): RgbImage {
  const layer = options.style === "mask" ? veilOver(photo, heat, options) : coloursOver(photo, heat, options);
  const data = photo.data.map((value, i) => {
    const pixel = Math.floor(i / 3) * 4;
    const alpha = layer[pixel + 3]! / 255;
    return Math.round(value * (1 - alpha) + layer[pixel + (i % 3)]! * alpha);
  });
  return { width: photo.width, height: photo.height, data };
}

function coloursOver(photo: RgbImage, heat: Heat, { scale, upsampling, colours, opacity }: Painted): Uint8ClampedArray {
  const field = spread(photo, heat, heat.values, upsampling);
  return paintMap(field, rangeOf(heat.values, scale), colours, opacity);
}

function veilOver(photo: RgbImage, heat: Heat, { mass, opacity }: Painted): Uint8ClampedArray {
  const kept = Float32Array.from(massMask(heat.values, mass));
  const field = spread(photo, heat, kept, "nearest");
  return paintVeil(
    Uint8Array.from(field, (value) => (value === 1 ? 1 : 0)),
    opacity,
  );
}

/** One number for each pixel of the photo, `[height, width]`; NaN where the model did not see it. */
function spread(photo: RgbImage, { grid, seen }: Heat, values: Float32Array, mode: Upsampling): Float32Array {
  const { width, height } = photo;
  const over = rectangleInBox({ left: 0, top: 0, width, height }, seen.source, seenRectangle(seen));
  return upsample(values, grid, { width, height }, mode, over);
}
