import { expectReferences, type JudgedCaption } from "./judged-caption.ts";

const BETA = 1.2; // how much more recall counts than precision; pycocoevalcap's

/**
 * ROUGE-L of each caption, 0…1: Lin, "ROUGE: a package for automatic evaluation of summaries", 2004, as pycocoevalcap
 * computes it: the F-measure of the best precision and the best recall of a longest common subsequence among the
 * references, which need not be the same reference's.
 */
export function rougeL(captions: readonly JudgedCaption[]): number[] {
  expectReferences(captions);
  return captions.map(({ candidate, references }) => {
    const common = references.map((reference) => commonSubsequence(candidate, reference));
    const precision = Math.max(...common) / candidate.length;
    const recall = Math.max(...references.map((reference, at) => common[at]! / Math.max(1, reference.length)));
    if (Math.max(...common) === 0) return 0;
    return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
  });
}

/** The length of the longest sequence of words that stands in both, in order, with or without gaps. */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  let above = new Uint32Array(b.length + 1);
  for (const word of a) {
    const row = new Uint32Array(b.length + 1);
    for (let at = 1; at <= b.length; at++) {
      row[at] = word === b[at - 1] ? above[at - 1]! + 1 : Math.max(above[at]!, row[at - 1]!);
    }
    above = row;
  }
  return above[b.length]!;
}
