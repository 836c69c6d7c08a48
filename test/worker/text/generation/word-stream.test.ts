import fc from "fast-check";
import { expect, test } from "vitest";
import type { GeneratedToken } from "../../../../worker/text/generation/path.ts";
import { createWordStream, groupWords, type SpokenWord } from "../../../../worker/text/generation/word-stream.ts";
import { readVocabulary } from "../../../../worker/text/vocabulary.ts";

const vocabulary = readVocabulary({ words: ["<pad>", "<start>", "<end>", "<unk>", "a", "dog", "'s", "bone"] });

const spoken = (token: number, probability = 0.5, attention: number[] = [1, 0]): GeneratedToken => ({
  token,
  logProbability: Math.log(probability),
  attention: Float32Array.from(attention),
  alternatives: [],
});

test("a word is its tokens together: their text, the product of their probabilities, their mean attention", () => {
  const words = groupWords([spoken(4), spoken(5, 0.5, [1, 0]), spoken(6, 0.25, [0.5, 0.5]), spoken(7)], vocabulary);
  expect(words.map(({ text }) => text)).toEqual(["a", "dog's", "bone"]);
  expect(words[1]!.probability).toBeCloseTo(0.125, 12);
  expect([...words[1]!.attention]).toEqual([0.75, 0.25]);
});

test("words streamed are the words of the sentence, however its tokens come", () => {
  const someTokens = fc.array(fc.array(fc.integer({ min: 4, max: 7 }), { maxLength: 3 }));
  fc.assert(
    fc.property(someTokens, someTokens, (...photos) => {
      const told: SpokenWord[][] = photos.map(() => []);
      const stream = createWordStream(vocabulary, (photo, word) => told[photo]!.push(word));
      const pieces = photos.map((batches) => batches.map((batch) => batch.map((token) => spoken(token))));
      for (const [photo, batches] of pieces.entries()) for (const batch of batches) stream.push(photo, batch);
      stream.finish();
      expect(told).toEqual(pieces.map((batches) => groupWords(batches.flat(), vocabulary)));
    }),
    { numRuns: 30 },
  );
});
