import { VisionError } from "../../worker/contract/errors.ts";
import { COLOUR_MAPS, type ColourMap } from "./colour-map.ts";
import type { ObjectFit } from "./fit-photo.ts";
import type { MapScale } from "./map-range.ts";
import type { Upsampling } from "./upsample.ts";

export const OVERLAY_STYLES = ["colours", "contours", "mask"] as const;

/** Colours over the photo; lines of equal value; or the photo dimmed but for the cells that hold most of the mass. */
export type OverlayStyle = (typeof OVERLAY_STYLES)[number];

export type OverlayOptions = {
  readonly style: OverlayStyle;
  readonly beside: boolean; // the photo alone on the left, with the map on the right
  readonly colours: ColourMap;
  readonly scale: MapScale;
  readonly upsampling: Upsampling; // of "colours"
  readonly opacity: number; // 0…1, of the colours, or of the mask's dark; 0 hides every style
  readonly levels: readonly number[]; // of "contours": 0…1 within the range
  readonly mass: number; // of "mask": 0…1, the share of the map's mass that is kept
  readonly fit: ObjectFit;
};

export const DEFAULT_OPTIONS: OverlayOptions = {
  style: "colours",
  beside: false,
  colours: "viridis",
  scale: { kind: "min-max" },
  upsampling: "bilinear",
  opacity: 0.6,
  levels: [0.25, 0.5, 0.75],
  mass: 0.6, // the threshold of DINO's visualiser
  fit: "contain",
};

/** The options with what is changed; throws `invalid-argument`. */
export function withOptions(options: OverlayOptions, changes: Partial<OverlayOptions> = {}): OverlayOptions {
  const changed = { ...options, ...changes };
  expectOneOf("style", changed.style, OVERLAY_STYLES);
  expectOneOf("colours", changed.colours, COLOUR_MAPS);
  expectOneOf("upsampling", changed.upsampling, ["bilinear", "nearest"]);
  expectShare("opacity", changed.opacity);
  expectShare("mass", changed.mass);
  changed.levels.forEach((level) => expectShare("levels", level));
  return changed;
}

function expectOneOf(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new VisionError("invalid-argument", `${what}: wanted one of ${known.join(", ")}; got "${value}"`);
}

function expectShare(what: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new VisionError("invalid-argument", `${what}: wanted a number from 0 to 1, got ${value}`);
}
