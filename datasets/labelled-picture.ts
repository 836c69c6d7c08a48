import type { RgbImage } from "../worker/contract/pixels.ts";

/** A picture and the class it shows. */
export type LabelledPicture = {
  readonly path: string; // of its file; `file#number` where a file holds many, counted from 0
  readonly classIndex: number; // as the data set counts its classes, from 0
  readonly pixels?: () => RgbImage; // where it has no file of its own that could be decoded
};

/** One split of a data set, no picture decoded yet. */
export type LabelledSplit = {
  readonly classes: readonly string[]; // folder names, WordNet ids or words, by index; one may have no picture
  readonly pictures: readonly LabelledPicture[];
  readonly skipped: readonly string[]; // paths of pictures of a kind that is not read
};

export const PICTURE_FILE = /\.(jpe?g|jfif|png|webp|gif|avif)$/i; // jfif: a JPEG, as Windows likes to name it

/** Pictures that are not read: of cameras, of drawing programs, and what torchvision's `ImageFolder` takes besides. */
export const OTHER_PICTURE_FILE = /\.(heic|heif|bmp|tiff?|svg|jxl|ppm|pgm)$/i;
