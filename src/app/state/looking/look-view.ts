import type { ExplainMethod, HeadChoice, Query } from "../../../index.ts";
import { DEFAULT_OPTIONS, type OverlayOptions } from "../../../overlay/overlay-options.ts";

/** Which map is asked for; what is null is left to the model and the method. */
export type MapChoice = {
  readonly method: ExplainMethod | null;
  readonly layer: number | null;
  readonly head: HeadChoice | null;
  readonly query: Query | null;
  readonly target: number | null; // class index
};

/** How it is drawn. */
export type Drawing = Pick<OverlayOptions, "style" | "colours" | "upsampling" | "opacity">;

/** What a visitor sets, and a link restores. */
export type LookView = MapChoice & Drawing;

export const USUAL_VIEW: LookView = {
  method: null,
  layer: null,
  head: null,
  query: null,
  target: null,
  style: DEFAULT_OPTIONS.style,
  colours: DEFAULT_OPTIONS.colours,
  upsampling: DEFAULT_OPTIONS.upsampling,
  opacity: DEFAULT_OPTIONS.opacity,
};

export const drawingOf = ({ style, colours, upsampling, opacity }: LookView): Drawing => ({
  style,
  colours,
  upsampling,
  opacity,
});
