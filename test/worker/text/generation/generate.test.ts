import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate } from "../../../../worker/text/generation/generate.ts";
import type { GenerationWishes } from "../../../../worker/text/generation/options.ts";
import type { Generated } from "../../../../worker/text/generation/path.ts";
import golden from "../../../golden/text/generation.json" with { type: "json" };
import { chainDecoder, END, hashModel, lookedAt, nextLogProbabilities, rescore, START } from "./chain-model.ts";

const say = (
  model: ReturnType<typeof hashModel>,
  photos: readonly number[],
  options: GenerationWishes,
  endTokens: readonly number[] = [END],
) => generate(chainDecoder(model), { batch: photos, photos: photos.length, startToken: START, endTokens, options });

const tokensOf = ({ tokens }: Generated): number[] => tokens.map(({ token }) => token);
const withEnd = (one: Generated): number[] => (one.ended ? [...tokensOf(one), END] : tokensOf(one));

const someModel = fc
  .record({ vocabulary: fc.integer({ min: 3, max: 12 }), seed: fc.double({ min: 0, max: 6, noNaN: true }) })
  .map(({ vocabulary, seed }) => hashModel(vocabulary, seed));
const someStopping = fc.constantFrom(true, false, "never" as const);

describe("beam search", () => {
  test("says what Hugging Face's says, with the same scores", async () => {
    const { vocabulary, modulus } = golden.model;
    for (const { seed, photos, options, results } of golden.beams) {
      const batch = Array.from({ length: photos }, (_, photo) => photo);
      const said = await say(hashModel(vocabulary, seed, modulus), batch, options as GenerationWishes);
      for (const [photo, expected] of results.entries()) {
        const name = `${JSON.stringify(options)}, photo ${photo}`;
        expect(said[photo]!.map(tokensOf), name).toEqual(expected.map(({ tokens }) => tokens));
        for (const [at, { ended, score }] of expected.entries()) {
          expect(said[photo]![at]!.ended, name).toBe(ended);
          const apart = Math.abs(said[photo]![at]!.score - score);
          expect(apart / Math.max(1, Math.abs(score)), name).toBeLessThan(2e-6); // it sums in float32
        }
      }
    }
  });

  test("as wide as the space finds what brute force finds", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 6, noNaN: true }),
        fc.constantFrom(0, 0.5, 1, 2),
        async (seed, lengthPenalty) => {
          const model = hashModel(4, seed);
          const [said] = await say(model, [0], {
            beams: 81,
            returned: 81,
            maxWords: 4,
            lengthPenalty,
            earlyStopping: "never",
          });
          const all = everySentence(model, 4).map((tokens) => ({
            tokens,
            score: rescore(model, 0, START, tokens) / tokens.length ** lengthPenalty,
          }));
          const best = all.sort((a, b) => b.score - a.score).slice(0, 20);
          for (const [at, { tokens, score }] of best.entries()) {
            expect(said![at]!.score).toBeCloseTo(score, 6);
            expect(withEnd(said![at]!)).toEqual(tokens);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test("every sentence's score is the sum of its log-probabilities by its length, and they come best first", async () => {
    await fc.assert(
      fc.asyncProperty(
        someModel,
        fc.integer({ min: 2, max: 6 }),
        someStopping,
        fc.constantFrom(0, 1, 1.7),
        async (model, beams, earlyStopping, lengthPenalty) => {
          const options = { beams, returned: beams, maxWords: 7, earlyStopping, lengthPenalty };
          for (const [photo, sentences] of (await say(model, [0, 1], options)).entries()) {
            expect(new Set(sentences.map((one) => withEnd(one).join())).size).toBe(sentences.length);
            for (const [at, one] of sentences.entries()) {
              const sum = rescore(model, photo, START, withEnd(one));
              expect(one.logProbability).toBeCloseTo(sum, 6);
              expect(one.score).toBeCloseTo(sum / withEnd(one).length ** lengthPenalty, 6);
              expect(at === 0 || one.score <= sentences[at - 1]!.score).toBe(true);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Every sentence of at most `length` tokens, those cut at the length without an end. */
function everySentence(model: { vocabulary: number }, length: number, ends: readonly number[] = [END]): number[][] {
  const grow = (said: readonly number[]): number[][] => {
    if (ends.includes(said.at(-1)!) || said.length === length) return [[...said]];
    return Array.from({ length: model.vocabulary }, (_, token) => grow([...said, token])).flat();
  };
  return grow([]);
}

test("one beam is greedy: always the likeliest token", async () => {
  await fc.assert(
    fc.asyncProperty(someModel, async (model) => {
      const [[said]] = (await say(model, [2], { beams: 1, maxWords: 9 })) as [[Generated]];
      const expected: number[] = [];
      while (expected.length < 9 && expected.at(-1) !== END) {
        const next = nextLogProbabilities(model, 2, [START, ...expected]);
        expected.push(next.indexOf(Math.max(...next)));
      }
      expect(withEnd(said)).toEqual(expected);
      expect(said.logProbability).toBeCloseTo(rescore(model, 2, START, expected), 6);
      expect(said.score).toBeCloseTo(said.logProbability / expected.length, 6); // a token, as of beams
    }),
  );
});

describe("any of several tokens ends a sentence", () => {
  const ENDS = [END, 2];

  test("greedy stops at the first of them", async () => {
    await fc.assert(
      fc.asyncProperty(someModel, async (model) => {
        const [[said]] = (await say(model, [2], { beams: 1, maxWords: 9 }, ENDS)) as [[Generated]];
        const expected: number[] = [];
        while (expected.length < 9 && !ENDS.includes(expected.at(-1)!)) {
          const next = nextLogProbabilities(model, 2, [START, ...expected]);
          expected.push(next.indexOf(Math.max(...next)));
        }
        const ended = ENDS.includes(expected.at(-1)!);
        expect(said.ended).toBe(ended);
        expect(tokensOf(said)).toEqual(ended ? expected.slice(0, -1) : expected);
        expect(said.logProbability).toBeCloseTo(rescore(model, 2, START, expected), 6);
      }),
    );
  });

  test("beams as wide as the space find every way to end, as brute force does", async () => {
    const model = hashModel(4, 1.5);
    const options = { beams: 81, returned: 81, maxWords: 4, earlyStopping: "never" } as const;
    const [said] = await say(model, [0], options, ENDS);
    const scores = everySentence(model, 4, ENDS).map((tokens) => rescore(model, 0, START, tokens) / tokens.length);
    for (const [at, score] of scores.sort((a, b) => b - a).entries()) expect(said![at]!.score).toBeCloseTo(score, 6);
  });

  test("a beam stays open beside as many ends as there are", async () => {
    const likely = [-9, 9, 8, 1, 0, -1]; // each end before any word
    const model = { vocabulary: 6, logit: (_: number, __: readonly number[], token: number) => likely[token]! };
    const options = { beams: 2, returned: 2, lengthPenalty: 9, earlyStopping: "never" } as const; // favours length
    const [said] = await say(model, [0], { ...options, maxWords: 3 }, ENDS);
    expect(said!.map(tokensOf)).toEqual([
      [3, 3],
      [3, 3],
    ]); // with either end
  });

  test("and none of them before the shortest", async () => {
    for (const kind of [{ beams: 3 }, { sampling: { seed: 4 } }]) {
      const said = await say(hashModel(8, 2.5), [0, 1, 2, 3], { ...kind, minWords: 6, maxWords: 12 }, ENDS);
      for (const one of said.flat()) {
        expect(one.tokens.length).toBeGreaterThanOrEqual(6);
        expect(tokensOf(one).filter((token) => ENDS.includes(token))).toEqual([]);
      }
    }
  });
});

const someOptions: fc.Arbitrary<GenerationWishes> = fc.oneof(
  fc.record({ beams: fc.constantFrom(1, 2, 3, 5), earlyStopping: someStopping, noRepeatNgram: fc.constantFrom(0, 2) }),
  fc.record({ beams: fc.constant(4), groups: fc.constantFrom(2, 4), diversityPenalty: fc.constantFrom(0.5, 2) }),
  fc.record({
    returned: fc.constantFrom(1, 3),
    sampling: fc.record({ seed: fc.nat(), temperature: fc.constantFrom(0.7, 1.3), topP: fc.constantFrom(0.8, 1) }),
  }),
);

test("photos in a batch get the sentences each gets alone, and a photo that is done takes no more part", async () => {
  await fc.assert(
    fc.asyncProperty(someModel, someOptions, async (model, options) => {
      const request = { startToken: START, endTokens: [END], options: { ...options, maxWords: 8 } };
      const together = chainDecoder(model);
      const batched = await generate(together, { ...request, batch: [0, 1, 2], photos: 3 });
      const rows = together.steps.map(() => 0);
      for (const photo of [0, 1, 2]) {
        const alone = chainDecoder(model);
        expect(await generate(alone, { ...request, batch: [photo], photos: 1 })).toEqual([batched[photo]]);
        for (const [step, count] of alone.steps.entries()) rows[step]! += count;
      }
      expect(together.steps).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

test("each token keeps its own attention, probability and alternatives through every reorder", async () => {
  await fc.assert(
    fc.asyncProperty(someModel, someOptions, async (model, options) => {
      const said = await say(model, [0, 3], { ...options, maxWords: 8, alternatives: 3 });
      for (const [at, photo] of [0, 3].entries()) {
        for (const one of said[at]!) {
          for (const [place, { logProbability, attention, alternatives }] of one.tokens.entries()) {
            const before = [START, ...tokensOf(one).slice(0, place)];
            const next = nextLogProbabilities(model, photo, before);
            expect([...attention]).toEqual(lookedAt(photo, before));
            expect(logProbability).toBeCloseTo(next[tokensOf(one)[place]!]!, 6);
            const likeliest = next.map(Math.exp).sort((a, b) => b - a);
            for (const [rank, { token, probability }] of alternatives.entries()) {
              expect(probability).toBeCloseTo(likeliest[rank]!, 6);
              expect(probability).toBeCloseTo(Math.exp(next[token]!), 6);
            }
            expect(alternatives).toHaveLength(3);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("sentences follow the rules asked for", async () => {
  const model = hashModel(8, 2.5);
  const options = { maxWords: 12, noRepeatNgram: 2, minWords: 6, suppressed: [4], returned: 3 };
  for (const kind of [{ beams: 3 }, { sampling: { seed: 4 } }]) {
    for (const one of (await say(model, [0, 1, 2, 3], { ...options, ...kind })).flat()) {
      const tokens = [START, ...tokensOf(one)];
      const pairs = tokens.slice(1).map((token, at) => `${tokens[at]} ${token}`);
      expect(new Set(pairs).size).toBe(pairs.length);
      expect(tokens).not.toContain(4);
      expect(tokens.length - 1).toBeGreaterThanOrEqual(6);
    }
  }
});

test("rules that leave nothing to say cut the sentence where it stands", async () => {
  const options = { maxWords: 10, noRepeatNgram: 1, suppressed: [END] }; // of 0, 2, 3, and 0 was the start
  const [[greedy]] = (await say(hashModel(4, 1), [0], options)) as [[Generated]];
  expect({ ended: greedy.ended, tokens: tokensOf(greedy).sort() }).toEqual({ ended: false, tokens: [2, 3] });
  const [beams] = await say(hashModel(4, 1), [0], { ...options, beams: 4, returned: 4 });
  expect(beams!.map((one) => tokensOf(one).join()).sort()).toEqual(["2,3", "3,2"]);
  const none = await say(hashModel(4, 1), [0], { ...options, suppressed: [1, 2, 3], beams: 2 });
  expect(none[0]!.map(tokensOf)).toEqual([[]]);
});
