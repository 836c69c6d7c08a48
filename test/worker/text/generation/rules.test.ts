import { expect, test } from "vitest";
import { createRandom } from "../../../../worker/contract/random.ts";
import { drawToken, narrow } from "../../../../worker/text/generation/draw-token.ts";
import { forbidRepeatedNgrams, penaliseRepetition } from "../../../../worker/text/generation/rules.ts";
import golden from "../../../golden/text/generation.json" with { type: "json" };

test("repetition is penalised as in Hugging Face's processor", () => {
  for (const { logits, said, penalty, penalised } of golden.rules) {
    const scores = Float64Array.from(logits);
    penaliseRepetition(scores, said, penalty);
    expect([...scores]).toEqual(penalised);
  }
});

test("by hand: a score below 0 is multiplied, one above divided, each once", () => {
  const scores = Float64Array.of(2, -2, 4, -1);
  penaliseRepetition(scores, [0, 1, 1, 0], 2);
  expect([...scores]).toEqual([1, -4, 4, -1]);
});

test("n-grams are forbidden as in Hugging Face's processor", () => {
  for (const { logits, said, size, banned } of golden.rules) {
    const scores = Float64Array.from(logits);
    forbidRepeatedNgrams(scores, said, size);
    expect([...scores.keys()].filter((token) => scores[token] === -Infinity)).toEqual(banned);
  }
});

test("by hand: after 1 2 3 1 2, a third 3 would repeat the trigram, and 1 or 3 the bigrams of 2 1 2 3 2", () => {
  const forbidden = (said: number[], size: number): number[] => {
    const scores = new Float64Array(5);
    forbidRepeatedNgrams(scores, said, size);
    return [...scores.keys()].filter((token) => scores[token] === -Infinity);
  };
  expect(forbidden([1, 2, 3, 1, 2], 3)).toEqual([3]);
  expect(forbidden([2, 1, 2, 3, 2], 2)).toEqual([1, 3]);
  expect(forbidden([4, 2], 1)).toEqual([2, 4]);
  expect(forbidden([1, 2], 4)).toEqual([]);
});

test("temperature, top-k and top-p leave the probabilities that Hugging Face's warpers leave", () => {
  for (const { logits, probabilities, ...sampling } of golden.warped) {
    const left = narrow(Float64Array.from(logits), { seed: 0, ...sampling });
    for (const [token, probability] of probabilities.entries()) expect(left[token]).toBeCloseTo(probability, 12);
  }
});

test("tokens are drawn as often as they are likely: chi-square over 5 tokens, 20,000 draws", () => {
  const scores = Float64Array.of(0.3, -1, 2, 1, -Infinity);
  const sampling = { seed: 0, temperature: 1.5, topK: 0, topP: 1 };
  const expected = narrow(scores, sampling);
  const counts = [0, 0, 0, 0, 0];
  const random = createRandom(3);
  for (let draw = 0; draw < 20_000; draw++) counts[drawToken(scores, sampling, random)]! += 1;
  expect(counts[4]).toBe(0);
  const chiSquare = counts.slice(0, 4).reduce((sum, count, token) => {
    const mean = 20_000 * expected[token]!;
    return sum + (count - mean) ** 2 / mean;
  }, 0);
  expect(chiSquare).toBeLessThan(16.27); // 3 degrees of freedom, p = 0.001
});

test("the lowest temperature is the likeliest token", () => {
  const sampling = { seed: 0, temperature: Number.MIN_VALUE, topK: 0, topP: 1 };
  expect(drawToken(Float64Array.of(1, 3, 2), sampling, () => 0.999)).toBe(1);
});
