import type { Caption, CaptionSentence, CaptionWord } from "../../../index.ts";
import type { Failure } from "../failure.ts";

/** What became of a photo's sentence; all photos wait while no captioner is in use. */
export type CaptionState =
  | { readonly kind: "waiting" }
  | { readonly kind: "running"; readonly words: readonly CaptionWord[] } // said so far
  | { readonly kind: "done"; readonly caption: Caption; readonly model: string } // its title
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "cancelled" };

/** The sentences of a photo, best first. */
export const sentencesOf = (state: CaptionState): readonly CaptionSentence[] =>
  state.kind === "done" ? [state.caption, ...state.caption.others] : [];

/** The words of one of its sentences, or of the one that is being said. */
export const wordsOf = (state: CaptionState, sentence: number): readonly CaptionWord[] =>
  state.kind === "running" ? state.words : (sentencesOf(state)[sentence]?.words ?? []);
