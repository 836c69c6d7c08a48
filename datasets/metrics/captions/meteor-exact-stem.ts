import { alignWords } from "./align-words.ts";
import { expectReferences, type JudgedCaption } from "./judged-caption.ts";

// METEOR 1.5's for English
const ALPHA = 0.85; // how much recall counts against precision
const BETA = 0.2; // how the penalty grows with fragmentation
const GAMMA = 0.6; // the penalty of a sentence in as many chunks as words

/**
 * METEOR's exact-and-stem form of each caption, 0…1, against its best reference: the formula of Denkowski and Lavie,
 * "Meteor universal", 2014, without what needs tables: synonyms, paraphrases, and the lesser weight of function
 * words. Stems are Porter's, not Snowball's. Not to be compared with the values of METEOR itself.
 */
export function meteorExactStem(captions: readonly JudgedCaption[]): number[] {
  expectReferences(captions);
  return captions.map(({ candidate, references }) =>
    Math.max(...references.map((reference) => compare(candidate, reference))),
  );
}

function compare(candidate: readonly string[], reference: readonly string[]): number {
  const { pairs, chunks, weight } = alignWords(candidate, reference);
  if (pairs.length === 0) return 0;
  const precision = weight / candidate.length;
  const recall = weight / reference.length;
  const mean = (precision * recall) / (ALPHA * precision + (1 - ALPHA) * recall);
  const whole = chunks === 1 && pairs.length === candidate.length && pairs.length === reference.length;
  const fragmentation = whole ? 0 : chunks / pairs.length;
  return mean * (1 - GAMMA * fragmentation ** BETA);
}
