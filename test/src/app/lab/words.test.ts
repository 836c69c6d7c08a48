import { describe, expect, test } from "vitest";
import { attentionWords } from "../../../../src/app/lab/attention/words.ts";
import { costWords } from "../../../../src/app/lab/cost/words.ts";
import { dateWords } from "../../../../src/app/lab/dates/words.ts";
import { frameWords } from "../../../../src/app/lab/frame/words.ts";
import { headWords } from "../../../../src/app/lab/heads/words.ts";
import { mapAttentionWords } from "../../../../src/app/lab/map-attention/words.ts";
import { maskWords } from "../../../../src/app/lab/masks/words.ts";
import { pictureWords } from "../../../../src/app/lab/picture/words.ts";
import { positionWords } from "../../../../src/app/lab/positions/words.ts";
import { reachWords } from "../../../../src/app/lab/reach/words.ts";
import { firstLanguage } from "../../../../src/app/lab/state/language.ts";
import { tokenWords } from "../../../../src/app/lab/tokens/words.ts";
import { warmUpWords } from "../../../../src/app/lab/warm-up/words.ts";

const ALL = {
  frameWords,
  reachWords,
  dateWords,
  attentionWords,
  maskWords,
  positionWords,
  costWords,
  warmUpWords,
  pictureWords,
  mapAttentionWords,
  tokenWords,
  headWords,
};

/** The same in both languages: symbols, and names that Korean writes as English does. */
const UNTRANSLATED = new Set(["RNN", "GRU", "LSTM", "ms", "γ", "C"]);

/** Every text in a tree of texts and of functions that make one. */
const textsOf = (words: unknown): string[] => {
  if (typeof words === "string") return [words];
  if (typeof words === "function") return [String((words as (...given: string[]) => unknown)("1", "2"))];
  return Object.values(words as object).flatMap(textsOf);
};

describe.each(Object.entries(ALL))("%s", (_, { en, ko }) => {
  test("both languages have the same texts, none empty", () => {
    expect(Object.keys(ko)).toEqual(Object.keys(en));
    expect(textsOf(ko)).toHaveLength(textsOf(en).length);
    for (const text of [...textsOf(en), ...textsOf(ko)]) expect(text.trim()).not.toBe("");
  });

  test("every Korean text is Korean", () => {
    for (const text of textsOf(ko)) if (!UNTRANSLATED.has(text)) expect(text).toMatch(/[가-힣]/);
    for (const text of textsOf(en)) expect(text.replace(/2019년 3월 5일/, "")).not.toMatch(/[가-힣]/);
  });
});

test.each([
  ["?lang=ko", "en", "en-GB", "ko"],
  ["?lang=fr", "ko", "en-GB", "ko"],
  ["", null, "ko-KR", "ko"],
  ["", "en", "ko-KR", "en"],
  ["", null, "de", "en"],
])("address %j, kept %j, browser %j: %s", (search, kept, browser, wanted) => {
  expect(firstLanguage(search, kept, browser)).toBe(wanted);
});
