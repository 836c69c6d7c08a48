/** A map over its photo, for any page: safe to import anywhere, needs neither the app nor a worker. */
export {
  OverlayCanvas,
  type OverlayStart,
  type OverlayView,
  type PointedPatch,
  type PointedPatch as Query,
} from "./canvas/overlay-canvas.ts";
export { TileCanvas, type Tile, type TileStart, type TileView } from "./canvas/tile-canvas.ts";
export type { PhotoSource } from "./canvas/photo-source.ts";
export { DEFAULT_OPTIONS, OVERLAY_STYLES, type OverlayOptions, type OverlayStyle } from "./overlay-options.ts";
export { COLOUR_MAPS, colourGradient, type ColourMap } from "./colour-map.ts";
export { legendOf, type Legend, type Tick } from "./legend.ts";
export { sharedScale, type MapScale, type ValueRange } from "./map-range.ts";
export type { Upsampling } from "./upsample.ts";
export type { ObjectFit } from "./fit-photo.ts";
export type { TileLayout } from "./plan-tiles.ts";
export { cellAt, cellRectangle, type Cell, type Point } from "./cell-geometry.ts";
export { composePhoto } from "./compose-photo.ts";
export { heatJson, type Provenance } from "./export/heat-json.ts";
export { npyBytes } from "./export/npy.ts";
export type { Heat, HeatSettings } from "../../worker/contract/heat.ts";
