/** A picture file and the class it shows. */
export type LabelledPicture = {
  readonly path: string;
  readonly classIndex: number; // as the data set counts its classes, from 0
};

/** One split of a data set, nothing opened yet. */
export type LabelledSplit = {
  readonly classes: readonly string[]; // folder names or WordNet ids, by index
  readonly pictures: readonly LabelledPicture[];
};

export const PICTURE_FILE = /\.(jpe?g|png|webp|gif|avif)$/i;
