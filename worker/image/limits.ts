/** Pictures above this are refused before decoding: 100 megapixels are 400 MB as RGBA. */
export const MAX_PIXELS = 100e6;

/** The longest side JPEG can say, and the longest that browsers decode. */
export const MAX_SIDE = 65_535; // pixels

/** How long one picture may take to decode. */
export const DECODE_SECONDS = 10;

/** More scans than any real progressive JPEG has (about 10); each one costs a pass over the whole picture. */
export const MAX_JPEG_SCANS = 100;
