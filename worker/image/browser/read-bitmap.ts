import { VisionError } from "../../contract/errors.ts";
import type { RgbImage } from "../../contract/pixels.ts";
import { MAX_PIXELS } from "../limits.ts";
import { readThroughCanvas } from "./read-through-canvas.ts";
import { readThroughWebgl } from "./read-through-webgl.ts";
import type { TakeRows } from "./take-rows.ts";

/**
 * A bitmap's colours as they are, without its alpha. A 2D canvas multiplies by alpha and so loses colours where it is
 * not full; those pictures are read through WebGL, and only where WebGL cannot take them are they as canvas gives them.
 */
export function readBitmap(bitmap: ImageBitmap): RgbImage {
  const { width, height } = bitmap;
  if (width === 0 || height === 0) {
    throw new VisionError("image-unsupported-input", "bitmap: wanted its pixels, got a closed one; make another");
  }
  if (width * height > MAX_PIXELS) {
    const got = `${width} × ${height}`;
    throw new VisionError("image-too-large", `bitmap: wanted at most ${MAX_PIXELS / 1e6} megapixels, got ${got}`);
  }
  const data = new Uint8Array(width * height * 3);
  if (!readThroughCanvas(bitmap, dropAlpha(data, "opaque only")) && !readThroughWebgl(bitmap, dropAlpha(data, "any"))) {
    readThroughCanvas(bitmap, dropAlpha(data, "any"));
  }
  return { width, height, data };
}

/** Fills `data` row by row; "opaque only" stops at the first pixel that is not. */
function dropAlpha(data: Uint8Array, pixels: "opaque only" | "any"): TakeRows {
  let at = 0;
  return (rgba) => {
    for (let i = 0; i < rgba.length; i += 4) {
      if (pixels === "opaque only" && rgba[i + 3] !== 255) return false;
      data[at++] = rgba[i]!;
      data[at++] = rgba[i + 1]!;
      data[at++] = rgba[i + 2]!;
    }
    return true;
  };
}
