import type { Heat } from "../../../worker/contract/heat.ts";
import type { Cell } from "../cell-geometry.ts";
import type { OverlayOptions } from "../overlay-options.ts";
import type { Pane } from "../plan-scene.ts";
import { clipTo, drawCell, drawMap } from "./draw-map.ts";
import type { ScaledPhoto } from "./photo-source.ts";

/** What an overlay shows. */
export type Scene = {
  readonly photo: ScaledPhoto;
  readonly heat: Heat | null;
  readonly options: OverlayOptions;
  readonly cell: Cell | null; // framed in every pane
};

/** Draws every pane; `density` is device pixels in a CSS pixel. */
export function drawScene(
  context: CanvasRenderingContext2D,
  { photo, heat, options, cell }: Scene,
  panes: readonly Pane[],
  density: number,
): void {
  for (const { box, place, withMap } of panes) {
    context.save();
    clipTo(context, box);
    context.drawImage(photo.at(place), place.left, place.top, place.width, place.height);
    if (heat && withMap) drawMap(context, heat, options, place, density);
    if (heat && cell) drawCell(context, heat, cell, place, density);
    context.restore();
  }
}
