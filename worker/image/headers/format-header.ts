import type { Size } from "../../contract/geometry.ts";

/** The EXIF tag: 1 upright, 2 mirrored, 3 upside down, … 8; rows and columns swap from 5 on. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type ByteRange = { readonly start: number; readonly end: number }; // end exclusive

/** What one format's reader finds without decoding; width and height as stored, before orientation. */
export type FormatHeader = Size & {
  readonly orientation: Orientation;
  readonly complete: boolean; // the file reaches to the end of its picture
  /**
   * Parts a browser would act on and others would not: EXIF, animation, and colour spaces, which WebKit converts from
   * even where it is asked not to. Cutting them out leaves a valid file.
   */
  readonly cut: readonly ByteRange[];
};
