import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import type { Point } from "./cell-geometry.ts";

/** How a photo fills a box, by CSS's `object-fit`, in the middle of the box. */
export type ObjectFit = "contain" | "cover" | "fill" | "none" | "scale-down";

/** Where the photo lies, in the box's pixels; it reaches past the box where `fit` cuts it. */
export function fitPhoto(box: Rectangle, photo: Size, fit: ObjectFit): Rectangle {
  const across = box.width / photo.width;
  const down = box.height / photo.height;
  const [scaleX, scaleY] = scales(fit, across, down);
  const width = photo.width * scaleX;
  const height = photo.height * scaleY;
  return { left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height };
}

function scales(fit: ObjectFit, across: number, down: number): readonly [number, number] {
  const contained = Math.min(across, down);
  const covering = Math.max(across, down);
  switch (fit) {
    case "contain":
      return [contained, contained];
    case "cover":
      return [covering, covering];
    case "fill":
      return [across, down];
    case "none":
      return [1, 1];
    case "scale-down":
      return contained < 1 ? [contained, contained] : [1, 1];
  }
}

/** A place in the box → the same place in the photo, in the photo's pixels. */
export const pointInPhoto = (place: Rectangle, photo: Size, { x, y }: Point): Point => ({
  x: ((x - place.left) / place.width) * photo.width,
  y: ((y - place.top) / place.height) * photo.height,
});

/** A rectangle of the photo → where it lies in the box. */
export const rectangleInBox = (place: Rectangle, photo: Size, area: Rectangle): Rectangle => ({
  left: place.left + (area.left / photo.width) * place.width,
  top: place.top + (area.top / photo.height) * place.height,
  width: (area.width / photo.width) * place.width,
  height: (area.height / photo.height) * place.height,
});

export const contains = ({ left, top, width, height }: Rectangle, { x, y }: Point): boolean =>
  x >= left && y >= top && x < left + width && y < top + height;
