import { countNgrams, MAX_LENGTH } from "./count-ngrams.ts";
import { expectReferences, type JudgedCaption } from "./judged-caption.ts";

const SIGMA = 6; // words: how far a caption's length may be from the reference's
const SCALE = 10; // so that people's captions get about 1

/** In how many pictures' references a run of words stands. */
export type DocumentFrequency = {
  readonly pictures: number;
  readonly counts: ReadonlyMap<string, number>; // by the words with spaces between
};

/** `references`: of each picture. */
export function countDocuments(references: readonly JudgedCaption["references"][]): DocumentFrequency {
  const counts = new Map<string, number>();
  for (const captions of references) {
    const ngrams = new Set(captions.flatMap(listNgrams));
    for (const ngram of ngrams) counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return { pictures: references.length, counts };
}

const listNgrams = (words: readonly string[]): string[] =>
  Array.from({ length: MAX_LENGTH }, (_, n) => [...countNgrams(words, n + 1).keys()]).flat();

/**
 * CIDEr-D of each caption, 0…10: Vedantam et al., "CIDEr: consensus-based image description evaluation", 2015, as
 * pycocoevalcap computes it. Runs of 1 to 4 words are weighed by how rare they are in the references of `frequency`, by
 * default those of the set itself; in a set of one picture every run has the weight 0.
 */
export function ciderD(
  captions: readonly JudgedCaption[],
  frequency: DocumentFrequency = countDocuments(captions.map(({ references }) => references)),
): number[] {
  expectReferences(captions);
  return captions.map(({ candidate, references }) => {
    const said = weighCaption(candidate, frequency);
    const scores = references.map((reference) => compare(said, weighCaption(reference, frequency)));
    return (SCALE * scores.reduce((sum, score) => sum + score, 0)) / references.length;
  });
}

type Weighed = { readonly length: number; readonly vectors: readonly ReadonlyMap<string, number>[] }; // of n = 1…4

function weighCaption(words: readonly string[], { pictures, counts }: DocumentFrequency): Weighed {
  const weigh = (ngram: string, times: number): number =>
    times * (Math.log(pictures) - Math.log(Math.max(1, counts.get(ngram) ?? 0)));
  const vectors = Array.from(
    { length: MAX_LENGTH },
    (_, n) => new Map(Array.from(countNgrams(words, n + 1), ([ngram, times]) => [ngram, weigh(ngram, times)])),
  );
  return { length: words.length, vectors };
}

/** The mean over n of the clipped cosine of two captions, times a Gaussian of their difference in length. */
function compare(candidate: Weighed, reference: Weighed): number {
  const closeness = Math.exp(-((candidate.length - reference.length) ** 2) / (2 * SIGMA ** 2));
  const cosines = candidate.vectors.map((said, n) => clippedCosine(said, reference.vectors[n]!));
  return (closeness * cosines.reduce((sum, cosine) => sum + cosine, 0)) / MAX_LENGTH;
}

function clippedCosine(said: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): number {
  let product = 0;
  for (const [ngram, weight] of said) {
    const other = wanted.get(ngram) ?? 0;
    product += Math.min(weight, other) * other;
  }
  return product === 0 ? 0 : product / (norm(said) * norm(wanted));
}

const norm = (vector: ReadonlyMap<string, number>): number =>
  Math.sqrt(Array.from(vector.values()).reduce((sum, weight) => sum + weight ** 2, 0));
