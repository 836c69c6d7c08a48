import type { Heat } from "./heat.ts";
import type { SeenArea } from "./pixels.ts";

/**
 * How a sentence is searched for; names are those of `GenerationOptions` (worker/text/generation), and so are the defaults
 * that are not told here.
 */
export type CaptionQuestion = {
  readonly beams?: number | undefined; // 1: greedy. Default 3
  readonly maxWords?: number | undefined; // tokens, the end token among them. Default 20
  readonly minWords?: number | undefined;
  readonly returned?: number | undefined; // how many sentences; at most `beams` unless sampling. Default 1
  readonly lengthPenalty?: number | undefined;
  readonly earlyStopping?: boolean | "never" | undefined;
  readonly noRepeatNgram?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly groups?: number | undefined; // diverse beams
  readonly diversityPenalty?: number | undefined;
  readonly sampling?: Partial<CaptionSampling> | undefined; // draws words; only with one beam
  readonly alternatives?: number | undefined; // how many likely words to tell with each word. Default 5
};

export type CaptionSampling = {
  readonly seed: number;
  readonly temperature: number; // above 0
  readonly topK: number; // 0: all
  readonly topP: number; // above 0; 1: all
};

/** A likely word, or the first part of one; an empty text: the sentence could have ended here. */
export type CaptionAlternative = { readonly text: string; readonly probability: number };

export type CaptionWord = {
  readonly text: string; // with the signs that follow it without a space
  readonly probability: number; // given the words before, 0…1
  readonly map: Heat; // where the model looked when it said this; values sum to 1 over the grid at most
  readonly alternatives: readonly CaptionAlternative[]; // what it could have said here, likeliest first
};

/** One sentence about a photo. */
export type CaptionSentence = {
  readonly text: string;
  readonly words: readonly CaptionWord[];
  readonly score: number; // what sentences are ranked by: mean log-probability a token, to the length penalty
  readonly logProbability: number; // of all tokens, natural logarithm
  readonly ended: boolean; // false where it was cut at `maxWords`
};

/** What a model says of a photo: the best sentence, and the others it was asked for, best first. */
export type Caption = CaptionSentence & {
  readonly others: readonly CaptionSentence[];
  readonly seen: SeenArea;
  readonly milliseconds: { readonly decode: number; readonly model: number }; // wall clock
};

/** Told the next word of the best sentence about a photo. */
export type OnWord = (photo: number, word: CaptionWord) => void;
