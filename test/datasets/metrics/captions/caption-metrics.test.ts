import { stemmer } from "stemmer";
import { describe, expect, test } from "vitest";
import { corpusBleu } from "../../../../datasets/metrics/captions/bleu.ts";
import { ciderD, countDocuments } from "../../../../datasets/metrics/captions/cider-d.ts";
import type { JudgedCaption } from "../../../../datasets/metrics/captions/judged-caption.ts";
import { meteorExactStem } from "../../../../datasets/metrics/captions/meteor-exact-stem.ts";
import { rougeL } from "../../../../datasets/metrics/captions/rouge-l.ts";
import golden from "../../../golden/captions/captions.json" with { type: "json" };

const words = (sentence: string): string[] => sentence.split(" ").filter((word) => word !== "");
const judged = (candidate: string, ...references: string[]): JudgedCaption => ({
  candidate: words(candidate),
  references: references.map(words),
});

const sets = golden.sets.map(({ captions, ...expected }) => ({
  captions: captions.map(({ candidate, references }) => judged(candidate, ...references)),
  expected,
}));

const expectClose = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got).toHaveLength(wanted.length);
  for (const [at, value] of wanted.entries()) expect(got[at]).toBeCloseTo(value, 9);
};

describe.each(sets)("a set of $captions.length", ({ captions, expected }) => {
  test("has the reference's BLEU", () => expectClose(corpusBleu(captions), expected.bleu));
  test("has the reference's ROUGE-L", () => expectClose(rougeL(captions), expected.rougeL));
  test("has the reference's CIDEr-D", () => expectClose(ciderD(captions), expected.ciderD));
  test("has the reference's METEOR", () => expectClose(meteorExactStem(captions), expected.meteor));
});

describe("BLEU", () => {
  test("by hand: the paper's own examples, clipped to 2 of 7 and 17 of 18", () => {
    const the = judged("the the the the the the the", "the cat is on the mat", "there is a cat on the mat");
    expect(corpusBleu([the])[0]).toBeCloseTo(2 / 7, 8);
    const guide = judged(
      "it is a guide to action which ensures that the military always obeys the commands of the party",
      "it is a guide to action that ensures that the military will forever heed party commands",
      "it is the guiding principle which guarantees the military forces always being under the command of the party",
      "it is the practical guide for the army always to heed the directions of the party",
    );
    const [one, two] = corpusBleu([guide]);
    expect(one).toBeCloseTo(17 / 18, 8);
    expect(two).toBeCloseTo(Math.sqrt((17 / 18) * (10 / 17)), 8);
  });

  test("by hand: short candidates pay, by the closest reference; counts are summed over the set first", () => {
    const short = judged("a dog", "a dog runs", "a dog runs on grass now");
    expect(corpusBleu([short])[0]).toBeCloseTo(Math.exp(1 - 3 / 2), 8);
    expect(corpusBleu([judged("a dog", "a", "a dog x")])[0]).toBeCloseTo(1, 8); // 1 and 3 are as close: the shorter
    const set = [judged("a b", "a b"), judged("c d e f", "x y z f")];
    expect(corpusBleu(set)[0]).toBeCloseTo(3 / 6, 8);
  });
});

describe("ROUGE-L", () => {
  test("by hand: precision 3/4 and recall 3/5, and the best of each over the references", () => {
    const f = (p: number, r: number): number => ((1 + 1.44) * p * r) / (r + 1.44 * p);
    expect(rougeL([judged("a b c d", "a x b y c")])[0]).toBeCloseTo(f(3 / 4, 3 / 5), 12);
    expect(rougeL([judged("a b c d", "a x b y c", "a")])[0]).toBeCloseTo(f(3 / 4, 1), 12);
  });

  test("is 1 for the reference and 0 for nothing", () => {
    expect(rougeL([judged("a b", "a b"), judged("", "a"), judged("c", "a"), judged("a", "")])).toEqual([1, 0, 0, 0]);
  });
});

describe("CIDEr-D", () => {
  test("by hand: the reference itself gets 10, another picture's words 0", () => {
    const set = [judged("a b c d", "a b c d"), judged("e f g h", "i j k l")];
    expectClose(ciderD(set), [10, 0]);
  });

  test("by hand: one word of four in common, with and without the Gaussian, clipped", () => {
    const rest = judged("p q r s", "p q r s");
    // unigrams x … of weight log 2 each: cosine 1 / (2 · 2); no longer run in common
    expect(ciderD([judged("x b c d", "x y z w"), rest])[0]).toBeCloseTo((10 / 4) * (1 / 4), 12);
    const longer = ciderD([judged("x b c d e f", "x y z w"), rest])[0]!;
    expect(longer).toBeCloseTo((10 / 4) * (1 / (Math.sqrt(6) * 2)) * Math.exp(-4 / 72), 12);
    // x twice against once: clipped to once; norms √(4 + 1 + 1) and 2
    expect(ciderD([judged("x x b c", "x y z w"), rest])[0]).toBeCloseTo((10 / 4) * (1 / (Math.sqrt(6) * 2)), 12);
  });

  test("words that every picture's references have weigh nothing; those of one picture alone are all alike", () => {
    expect(ciderD([judged("a", "a"), judged("a", "a")])).toEqual([0, 0]);
    expect(ciderD([judged("a b c d", "a b c d")])).toEqual([0]);
  });

  test("takes frequencies counted elsewhere", () => {
    const [first, second] = [judged("a b c d", "a b c e"), judged("e f g h", "e f g h")];
    const frequency = countDocuments([first.references, second.references]);
    expect(ciderD([first], frequency)).toEqual(ciderD([first, second]).slice(0, 1));
  });
});

describe("METEOR's exact-and-stem form", () => {
  test("by hand: two equal words and a stem in one chunk", () => {
    const [p, r] = [2.6 / 3, 2.6 / 4];
    const expected = ((p * r) / (0.85 * p + 0.15 * r)) * (1 - 0.6 * (1 / 3) ** 0.2);
    expect(meteorExactStem([judged("a dog jumping", "a dog jumps high")])[0]).toBeCloseTo(expected, 12);
  });

  test("is 1 for the reference, 0 for other words, and takes the best reference", () => {
    expect(meteorExactStem([judged("a b", "c d", "a b"), judged("a", "b"), judged("", "a")])).toEqual([1, 0, 0]);
  });

  test("stems are Porter's", () => {
    for (const [word, stem] of golden.stems) expect(stemmer(word!), word).toBe(stem);
  });
});

describe.each([
  ["corpusBleu", corpusBleu],
  ["rougeL", rougeL],
  ["ciderD", ciderD],
  ["meteorExactStem", meteorExactStem],
] as const)("%s", (_, score) => {
  test("refuses an empty set and a caption without references", () => {
    const refusal = (message: string): unknown => expect.objectContaining({ code: "invalid-argument", message });
    expect(() => score([])).toThrow(refusal("captions: expected at least one, got none"));
    const message = "captions[1]: expected at least one reference, got none";
    expect(() => score([judged("a", "a"), judged("a")])).toThrow(refusal(message));
  });
});
