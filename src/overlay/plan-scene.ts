import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import { contains, fitPhoto, pointInPhoto, type ObjectFit } from "./fit-photo.ts";
import type { Point } from "./cell-geometry.ts";

/** A part of the canvas that shows the photo once: `box` is what is visible, `place` where the whole photo lies. */
export type Pane = { readonly box: Rectangle; readonly place: Rectangle; readonly withMap: boolean };

/** One pane over the whole canvas, or two of equal width side by side, the photo alone on the left. */
export function planScene(canvas: Size, photo: Size, fit: ObjectFit, beside: boolean): readonly Pane[] {
  const count = beside ? 2 : 1;
  const width = canvas.width / count;
  return Array.from({ length: count }, (_, i) => {
    const box = { left: i * width, top: 0, width, height: canvas.height };
    return { box, place: fitPhoto(box, photo, fit), withMap: i === count - 1 };
  });
}

/** The place in the photo, in its pixels, that lies under a place on the canvas; `null` beside the photo. */
export function photoPointAt(panes: readonly Pane[], photo: Size, point: Point): Point | null {
  const pane = panes.find(({ box, place }) => contains(box, point) && contains(place, point));
  return pane ? pointInPhoto(pane.place, photo, point) : null;
}
