import { VisionError } from "../../../worker/contract/errors.ts";
import type { Size } from "../../../worker/contract/geometry.ts";

/** A photo that has loaded and that a canvas can draw, upright. It stays the caller's, and must stay open. */
export type PhotoSource = ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas;

/** Throws `image-unsupported-input` for a photo without pixels: not yet loaded, broken, or closed. */
export function photoSize(photo: PhotoSource): Size {
  const [width, height] =
    "naturalWidth" in photo ? [photo.naturalWidth, photo.naturalHeight] : [photo.width, photo.height];
  if (width > 0 && height > 0) return { width, height };
  throw new VisionError(
    "image-unsupported-input",
    `photo: wanted one that has loaded, got ${width} × ${height} pixels`,
  );
}

export function createCanvas({ width, height }: Size): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return [canvas, contextOf(canvas)];
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context) return context;
  throw new VisionError(
    "invalid-argument",
    "canvas: wanted one that gives a 2d context, got one that holds another kind",
  );
}

/** A photo reduced once to the size it is shown at, so that redrawing it is cheap. */
export class ScaledPhoto {
  readonly size: Size;
  #copy: HTMLCanvasElement | null = null;

  constructor(readonly source: PhotoSource) {
    this.size = photoSize(source);
  }

  /** For drawing at this many pixels; larger than the photo itself it is given as it is. */
  at({ width, height }: Size): PhotoSource {
    const wanted = { width: Math.max(Math.ceil(width), 1), height: Math.max(Math.ceil(height), 1) };
    if (wanted.width >= this.size.width && wanted.height >= this.size.height) return this.source;
    if (this.#copy?.width === wanted.width && this.#copy.height === wanted.height) return this.#copy;
    const [copy, context] = createCanvas(wanted);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.source, 0, 0, wanted.width, wanted.height);
    this.#copy = copy;
    return copy;
  }
}
