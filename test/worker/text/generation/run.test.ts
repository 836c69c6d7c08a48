import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { abortError } from "../../../../worker/contract/errors.ts";
import { generate } from "../../../../worker/text/generation/generate.ts";
import { MAX_BEAMS, MAX_WORDS, type GenerationWishes } from "../../../../worker/text/generation/options.ts";
import { chainDecoder, END, hashModel, START } from "./chain-model.ts";

const request = (photos: number, options: GenerationWishes) => ({
  batch: Array.from({ length: photos }, (_, photo) => photo),
  photos,
  startToken: START,
  endTokens: [END],
  options,
});

const someOptions: fc.Arbitrary<GenerationWishes> = fc.oneof(
  fc.record({ beams: fc.constantFrom(1, 3), earlyStopping: fc.constantFrom(true, false, "never" as const) }),
  fc.record({ beams: fc.constant(4), groups: fc.constant(2), diversityPenalty: fc.constant(1) }),
  fc.record({ sampling: fc.record({ seed: fc.nat() }), returned: fc.constantFrom(1, 2) }),
);

describe("streaming", () => {
  test("what was told is, piece by piece, the sentence that is returned first", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 6, noNaN: true }), someOptions, async (seed, options) => {
        const told = [[], [], []] as number[][];
        const onFinal = (photo: number, tokens: readonly { token: number }[]): void => {
          expect(tokens.length).toBeGreaterThan(0);
          told[photo]!.push(...tokens.map(({ token }) => token));
        };
        const said = await generate(chainDecoder(hashModel(9, seed)), request(3, { ...options, maxWords: 9 }), {
          onFinal,
        });
        expect(told).toEqual(said.map(([first]) => first!.tokens.map(({ token }) => token)));
      }),
      { numRuns: 60 },
    );
  });

  test("the first word is told before the sentence is finished, greedy at every step", async () => {
    const decoder = chainDecoder(hashModel(9, 0.5));
    const steps: number[] = [];
    const said = await generate(decoder, request(1, { maxWords: 8, minWords: 7 }), {
      onFinal: () => steps.push(decoder.steps.length),
    });
    expect(steps).toEqual(said[0]![0]!.tokens.map((_, at) => at + 1));
  });
});

describe("a run", () => {
  test("stops within one step of a cancel, and leaves no state behind", async () => {
    for (const options of [{ beams: 3 }, { beams: 1 }]) {
      const decoder = chainDecoder(hashModel(9, 1));
      let pauses = 0;
      const pause = async (): Promise<void> => {
        pauses += 1;
        if (pauses === 3) throw abortError();
      };
      const run = generate(decoder, request(2, { ...options, minWords: 8 }), { pause });
      await expect(run).rejects.toMatchObject({ name: "AbortError" });
      expect(decoder.steps).toHaveLength(2);
      expect(decoder.states.every(({ released }) => released)).toBe(true);
    }
  });

  test("releases every state, once it is done or the model fails", async () => {
    const decoder = chainDecoder(hashModel(9, 1));
    await generate(decoder, request(3, { beams: 3 }));
    expect(decoder.states.every(({ released }) => released)).toBe(true);
    const failing = { ...chainDecoder(hashModel(9, 1)), step: () => Promise.reject(new Error("no device")) };
    await expect(generate(failing, request(3, {}))).rejects.toThrow("no device");
    expect(failing.states.every(({ released }) => released)).toBe(true);
  });

  test("draws the same for the same seed, another for another, and the first as without the others", async () => {
    const draw = async (seed: number, returned = 1): Promise<number[][]> => {
      const [said] = await generate(
        chainDecoder(hashModel(12, 3)),
        request(1, { sampling: { seed, temperature: 2 }, returned, minWords: 19 }),
      );
      return said!.map(({ tokens }) => tokens.map(({ token }) => token));
    };
    const [first] = await draw(7);
    expect(await draw(7)).toEqual([first]);
    expect(await draw(8)).not.toEqual([first]);
    const three = await draw(7, 3);
    expect(three[0]).toEqual(first);
    expect(new Set(three.map(String)).size).toBe(3);
  });

  test("answers no photos with no sentences", async () => {
    expect(await generate(chainDecoder(hashModel(9, 1)), request(0, {}))).toEqual([]);
  });
});

describe("refuses", () => {
  test.each<[GenerationWishes, string]>([
    [{ beams: 0 }, `beams: expected a whole number from 1 to ${MAX_BEAMS}, got 0`],
    [{ beams: 1000 }, `beams: expected a whole number from 1 to ${MAX_BEAMS}, got 1000`],
    [{ beams: 2.5 }, "got 2.5"],
    [{ maxWords: 0 }, `maxWords: expected a whole number from 1 to ${MAX_WORDS}, got 0`],
    [{ maxWords: 10_000 }, `got 10000`],
    [{ maxWords: 5, minWords: 5 }, "minWords: expected a whole number from 0 to 4 (maxWords - 1), got 5"],
    [{ beams: 3, returned: 4 }, "returned: expected a whole number from 1 to 3 (beams), got 4"],
    [{ beams: 4, groups: 3 }, "groups: expected a divisor of beams, 4, got 3"],
    [{ beams: 4, groups: 5 }, "groups"],
    [{ noRepeatNgram: -1 }, "noRepeatNgram"],
    [{ repetitionPenalty: 0 }, "repetitionPenalty: expected a number above 0, got 0"],
    [{ lengthPenalty: NaN }, "lengthPenalty: expected a number, got NaN"],
    [{ diversityPenalty: -1 }, "diversityPenalty"],
    [{ alternatives: 1000 }, "alternatives"],
    [{ beams: 2, sampling: {} }, "beams: expected 1 while sampling, got 2"],
    [{ sampling: { temperature: 0 } }, "temperature: expected a number above 0, got 0"],
    [{ sampling: { topP: 1.5 } }, "topP: expected a number above 0, at most 1, got 1.5"],
    [{ sampling: { topK: -1 } }, "topK"],
    [{ sampling: { seed: 2 ** 32 } }, "seed"],
  ])("%j", async (options, message) => {
    const run = generate(chainDecoder(hashModel(9, 1)), request(1, options));
    await expect(run).rejects.toMatchObject({ code: "invalid-argument", message: expect.stringContaining(message) });
  });

  test("steps that do not fit", async () => {
    const answering = (logits: number[], attention: number[] = []) => ({
      ...chainDecoder(hashModel(9, 1)),
      step: async () => ({ logits: Float32Array.from(logits), attention: Float32Array.from(attention) }),
    });
    const refused = (decoder: ReturnType<typeof answering>, code: string, message: string) =>
      expect(generate(decoder, request(2, {}))).rejects.toMatchObject({ code, message });
    await refused(answering([1, 2, 3]), "input-shape", "logits: expected a multiple of 2 rows, got 3");
    await refused(answering([]), "input-shape", "logits: expected a multiple of 2 rows, got 0");
    await refused(answering([1, 2, 3, 4], [1]), "input-shape", "attention: expected a multiple of 2 rows, got 1");
    const mismatch = "token: expected a whole number below the model's vocabulary of 1, got 1";
    await refused(answering([1, 2]), "input-shape", mismatch);
    await refused(answering([1, NaN, 3, 4]), "internal", "logits: expected numbers, got NaN");
  });
});
