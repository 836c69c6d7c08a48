/** A picture and what people wrote of it. */
export type CaptionedPicture = { readonly path: string; readonly captions: readonly string[] }; // at least one

/** What a data set names but cannot be used, and why. */
export type Skipped = { readonly name: string; readonly reason: string };

/** One split of a data set with captions, no picture decoded yet. */
export type CaptionSplit = {
  readonly pictures: readonly CaptionedPicture[];
  readonly skipped: readonly Skipped[];
};
