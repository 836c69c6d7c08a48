/** The longest runs of words that BLEU and CIDEr look at. */
export const MAX_LENGTH = 4;

/** How often each run of `length` words stands in a sentence; runs by their words and a space between. */
export function countNgrams(words: readonly string[], length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + length <= words.length; start++) {
    const ngram = words.slice(start, start + length).join(" ");
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
