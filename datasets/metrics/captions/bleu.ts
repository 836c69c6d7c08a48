import { countNgrams, MAX_LENGTH } from "./count-ngrams.ts";
import { expectReferences, type JudgedCaption } from "./judged-caption.ts";

// pycocoevalcap's, so that nothing is divided by 0
const TINY = 1e-15; // added to what was right
const SMALL = 1e-9; // added to what was said

/**
 * BLEU-1 to BLEU-4 of a whole set, 0…1: Papineni et al., "BLEU: a method for automatic evaluation of machine
 * translation", 2002, as pycocoevalcap computes it. Runs of words count at most as often as in the reference where they are
 * most frequent; each picture's reference length is the one closest to the candidate's, of two as close the shorter.
 */
export function corpusBleu(captions: readonly JudgedCaption[]): number[] {
  expectReferences(captions);
  const right = Array.from({ length: MAX_LENGTH }, () => TINY);
  const said = Array.from({ length: MAX_LENGTH }, () => SMALL);
  let candidateLength = TINY;
  let referenceLength = SMALL;
  for (const { candidate, references } of captions) {
    candidateLength += candidate.length;
    referenceLength += closestLength(candidate.length, references);
    for (let n = 1; n <= MAX_LENGTH; n++) {
      right[n - 1]! += countClipped(candidate, references, n);
      said[n - 1]! += Math.max(0, candidate.length - n + 1);
    }
  }
  const ratio = candidateLength / referenceLength;
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return right.map((count, n) => {
    product *= count / said[n]!;
    return product ** (1 / (n + 1)) * brevity;
  });
}

function closestLength(length: number, references: JudgedCaption["references"]): number {
  const lengths = references.map((reference) => reference.length);
  return lengths.sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0]!;
}

function countClipped(candidate: readonly string[], references: JudgedCaption["references"], n: number): number {
  const most = references.map((reference) => countNgrams(reference, n));
  let right = 0;
  for (const [ngram, count] of countNgrams(candidate, n)) {
    right += Math.min(count, Math.max(...most.map((counts) => counts.get(ngram) ?? 0)));
  }
  return right;
}
