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
};

export const PICTURE_FILE = /\.(jpe?g|jfif|png|webp|gif|avif)$/i; // jfif: a JPEG, as Windows likes to name it
