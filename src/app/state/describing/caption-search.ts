/** How far a visitor lets the model search for a sentence. */
export type CaptionSearch = {
  readonly beams: number; // sentences followed at once
  readonly maxWords: number; // the end of the sentence counts as one
};

export const BEAMS = [1, 2, 3, 4, 5] as const;
export const MAX_WORDS = [8, 12, 20, 30] as const;

export const USUAL_SEARCH: CaptionSearch = { beams: 3, maxWords: 20 };
