import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  buildVocabulary,
  END,
  PAD,
  readVocabulary,
  splitWords,
  START,
  UNKNOWN,
  writeVocabulary,
} from "../../../worker/text/vocabulary.ts";

const SPECIAL = ["<pad>", "<start>", "<end>", "<unk>"];
const repeat = (caption: string, times: number): string[] => Array.from({ length: times }, () => caption);

test.each([
  ["A dog runs .", "a dog runs"],
  ["Two T-shirts, 3 dogs!", "two t-shirts 3 dogs"],
  ["the dog's bone isn't the dogs'", "the dog 's bone is n't the dogs"],
  ["the dog 's bone is n't", "the dog 's bone is n't"],
  ["They’re at 5 o'clock", "they 're at 5 o'clock"],
  ["a 'quoted' \"word\" -- and - dashes", "a quoted word and dashes"],
  ["Cafe\u0301 – Straße", "café straße"],
  ["'stop' 'sign'", "stop sign"],
  [" \n", ""],
])("%j is read as %j", (caption, words) => {
  expect(splitWords(caption).join(" ")).toBe(words);
});

test("split words, joined by spaces, split into the same words", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: fc.constantFrom(..."ns't-. Aé9’") })),
      (text) => {
        const words = splitWords(text);
        expect(splitWords(words.join(" "))).toEqual(words);
      },
    ),
  );
});

describe("building", () => {
  test("keeps words that occur often enough, the most frequent first, of equals in order", () => {
    const captions = [...repeat("A zebra runs", 5), ...repeat("A cat.", 5), ...repeat("the dog", 4)];
    expect(buildVocabulary(captions)).toEqual([...SPECIAL, "a", "cat", "runs", "zebra"]);
    expect(buildVocabulary(["b a", "b"], 1)).toEqual([...SPECIAL, "b", "a"]);
  });

  test("refuses captions without a frequent word", () => {
    const message = "vocabulary: expected words that occur 5 times or more, got none of 2 words";
    expect(() => buildVocabulary(["a dog", "a dog"])).toThrow(
      expect.objectContaining({ code: "training-data", message }),
    );
    expect(() => buildVocabulary([])).toThrow(/none of 0 words/);
  });
});

describe("a vocabulary read from its file", () => {
  const words = [...SPECIAL, "a", "dog", "'s", "bone", "is", "n't"];
  const vocabulary = readVocabulary(JSON.parse(JSON.stringify(writeVocabulary(words))));

  test("has a row for each word, special ones first", () => {
    expect(vocabulary.size).toBe(words.length);
    expect([PAD, START, END, UNKNOWN].map((id) => words[id])).toEqual(SPECIAL);
  });

  test("encodes known words and decodes them to a sentence", () => {
    expect(vocabulary.encode("A dog's bone isn't a zebra")).toEqual([4, 5, 6, 7, 8, 9, 4, UNKNOWN]);
    expect(vocabulary.decode([START, 4, 5, 6, 7, 8, 9, UNKNOWN, END, PAD])).toBe("a dog's bone isn't <unk>");
    expect(vocabulary.decode([])).toBe("");
    expect([4, 5, 6, 7].map((id) => vocabulary.startsWord(id))).toEqual([true, true, false, true]);
  });

  test.each([-1, 10, 1.5, NaN])("refuses the id %d", (id) => {
    const refusal = expect.objectContaining({
      code: "invalid-argument",
      message: `word: expected an id from 0 to 9, got ${id}`,
    });
    expect(() => vocabulary.decode([4, id])).toThrow(refusal);
    expect(() => vocabulary.startsWord(id)).toThrow(refusal);
  });

  test.each<[unknown, string]>([
    [null, "vocabulary.json: expected words, a list of texts, got null"],
    [{ words: [1] }, "vocabulary.json: expected words, a list of texts, got 1"],
    [{ words: [] }, "vocabulary.json: expected <pad> <start> <end> <unk> first, got no words"],
    [{ words: ["a", "b"] }, "vocabulary.json: expected <pad> <start> <end> <unk> first, got a b"],
    [{ words: SPECIAL }, "vocabulary.json: expected words, got only <pad> <start> <end> <unk>"],
    [{ words: [...SPECIAL, "a", "a"] }, 'vocabulary.json: expected each word once, got "a" twice'],
  ])("is refused as %j", (json, message) => {
    expect(() => readVocabulary(json)).toThrow(expect.objectContaining({ code: "config-malformed", message }));
  });
});
