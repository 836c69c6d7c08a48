import type { Rectangle, Size } from "./geometry.ts";

/** An upright picture, 8 bits a channel, rows from the top, `data[(y * width + x) * 3 + channel]`. */
export type RgbImage = Size & { readonly data: Uint8Array };

/** Resampling filters by Pillow's names, in the order of Pillow's codes, from 0. */
export const RESIZE_FILTERS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"] as const;

export type ResizeFilter = (typeof RESIZE_FILTERS)[number];

/** How big the picture becomes before the crop. */
export type ResizeTarget =
  | ({ readonly kind: "exact" } & Size)
  | { readonly kind: "shortest-edge"; readonly length: number; readonly maxLength: number | null }; // pixels

/** A cut from the middle. Half of an odd margin is rounded down by transformers, to even by torchvision and timm. */
export type CentreCrop = Size & { readonly rounding?: "down" | "half-even" }; // default "down"

/** The one written pixel recipe: resize → centre crop → rescale → normalise. `null` leaves a step out. */
export type ImageRecipe = {
  readonly resize: ResizeTarget | null;
  readonly filter: ResizeFilter;
  readonly crop: CentreCrop | null;
  readonly rescale: number | null; // usually 1 / 255
  readonly normalise: { readonly mean: readonly number[]; readonly std: readonly number[] } | null; // one per channel
};

/** Which part of the upright source the model saw. */
export type SeenArea = {
  readonly source: Size;
  readonly resized: Size;
  /** In pixels of the resized picture; reaches past its edges where the crop padded with black. */
  readonly crop: Rectangle;
};
