import { stemmer } from "stemmer";

/** Words of two sentences that are paired, in the order of the candidate's. */
export type Alignment = {
  readonly pairs: readonly Pair[];
  readonly chunks: number; // runs of pairs that stand side by side, in order, in both sentences
  readonly weight: number; // of all pairs
};

type Pair = { readonly word: number; readonly at: number }; // places in candidate and reference

const STEM_WEIGHT = 0.6; // of a pair with the same stem, METEOR 1.5's for English; of equal words 1
const KEPT = 256; // unfinished alignments kept; METEOR 1.5 keeps 40

/**
 * METEOR's alignment (Denkowski and Lavie, "Meteor universal", 2014) by equal words and words with the same stem (Porter,
 * "An algorithm for suffix stripping", 1980): as many pairs as can be, in as few chunks, with as much weight. Grown from the
 * first word to the last, the best unfinished ones kept: sentences of many repeated words may miss the best.
 */
export function alignWords(candidate: readonly string[], reference: readonly string[]): Alignment {
  const choices = listChoices(candidate, reference);
  let kept: Alignment[] = [{ pairs: [], chunks: 0, weight: 0 }];
  for (const [word, places] of choices.entries()) {
    const grown = kept.flatMap((alignment) => [
      alignment,
      ...places
        .filter(({ at }) => alignment.pairs.every((pair) => pair.at !== at))
        .map(({ at, weight }) => addPair(alignment, { word, at }, weight)),
    ]);
    kept = keepBest(grown);
  }
  return kept[0]!;
}

type Choice = { readonly at: number; readonly weight: number };

/** For each word of the candidate, the words of the reference it may be paired with. */
function listChoices(candidate: readonly string[], reference: readonly string[]): Choice[][] {
  const stems = reference.map(stemmer);
  return candidate.map((text) => {
    const stem = stemmer(text);
    return reference.flatMap((other, at) => {
      if (other === text) return [{ at, weight: 1 }];
      return stems[at] === stem ? [{ at, weight: STEM_WEIGHT }] : [];
    });
  });
}

function addPair({ pairs, chunks, weight }: Alignment, pair: Pair, added: number): Alignment {
  const last = pairs.at(-1);
  const goesOn = last?.word === pair.word - 1 && last.at === pair.at - 1;
  return { pairs: [...pairs, pair], chunks: chunks + (goesOn ? 0 : 1), weight: weight + added };
}

/** The best first; of those that have used the same words and end alike, only the best. */
function keepBest(alignments: readonly Alignment[]): Alignment[] {
  const ranked = [...alignments].sort(
    (a, b) => b.pairs.length - a.pairs.length || a.chunks - b.chunks || b.weight - a.weight,
  );
  const alike = new Set<string>();
  return ranked
    .filter(({ pairs }) => {
      const used = pairs.map(({ at }) => at).sort((a, b) => a - b);
      const key = `${used.join()} ${pairs.at(-1)?.word} ${pairs.at(-1)?.at}`;
      return alike.size !== alike.add(key).size;
    })
    .slice(0, KEPT);
}
