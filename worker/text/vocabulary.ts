import * as v from "valibot";
import { VisionError } from "../contract/errors.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The first words of every vocabulary, by id. */
const SPECIAL = ["<pad>", "<start>", "<end>", "<unk>"] as const;
export const PAD = 0;
export const START = 1;
export const END = 2;
export const UNKNOWN = 3;

const SILENT: ReadonlySet<string> = new Set(SPECIAL.slice(0, UNKNOWN)); // not part of a sentence's text

const ENDING = /^(?:n't|'(?:s|re|ve|m|ll|d))$/; // written without a space before it

/**
 * A caption as words: NFC, lower case, runs of letters and digits, with a hyphen or apostrophe inside them; English endings
 * ('s, 're, 've, 'm, 'll, 'd, n't) are words of their own, joined to what is before them or not. All else is left out.
 */
export function splitWords(caption: string): string[] {
  const plain = caption.normalize("NFC").toLowerCase().replaceAll("’", "'");
  const parted = plain
    .replace(/(?<=[\p{L}\p{N}])n't(?![\p{L}\p{N}])/gu, " n't")
    .replace(/(?<=[\p{L}\p{N}])'(?=(?:s|re|ve|m|ll|d)(?![\p{L}\p{N}]))/gu, " '");
  const words =
    /n't(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])'(?:s|re|ve|m|ll|d)(?![\p{L}\p{N}])|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['-][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu;
  return parted.match(words) ?? [];
}

/**
 * Every word that occurs in the captions at least `minimum` times, the most frequent first, of equals by code unit;
 * `<pad>`, `<start>`, `<end>` and `<unk>` before them. Throws `training-data` where no word is that frequent.
 */
export function buildVocabulary(captions: Iterable<string>, minimum = 5): string[] {
  const counts = new Map<string, number>();
  for (const caption of captions) for (const word of splitWords(caption)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = Array.from(counts).filter(([, count]) => count >= minimum);
  if (frequent.length === 0) {
    const message = `vocabulary: expected words that occur ${minimum} times or more, got none of ${counts.size} words`;
    throw new VisionError("training-data", message);
  }
  const sorted = frequent.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return [...SPECIAL, ...sorted.map(([word]) => word)];
}

const VocabularyFile = v.object({ words: v.array(v.string()) });

/** How a vocabulary is kept, as JSON. */
export const writeVocabulary = (words: readonly string[]): v.InferOutput<typeof VocabularyFile> => ({
  words: [...words],
});

/**
 * Reads what `writeVocabulary` wrote. Throws `config-malformed` for another shape, other first words, a word twice, or
 * a vocabulary without a word.
 */
export function readVocabulary(json: unknown, what = "vocabulary.json"): Tokenizer {
  const malformed = (wanted: string, got: string): VisionError =>
    new VisionError("config-malformed", `${what}: expected ${wanted}, got ${got}`);
  const read = v.safeParse(VocabularyFile, json, { abortEarly: true });
  if (!read.success) throw malformed("words, a list of texts", read.issues[0].received);
  const { words } = read.output;
  const seen = new Set<string>();
  const twice = words.find((word) => seen.size === seen.add(word).size);
  if (twice !== undefined) throw malformed("each word once", `"${twice}" twice`);
  if (SPECIAL.some((word, id) => words[id] !== word)) {
    throw malformed(`${SPECIAL.join(" ")} first`, words.length === 0 ? "no words" : words.slice(0, 4).join(" "));
  }
  if (words.length === SPECIAL.length) throw malformed("words", `only ${SPECIAL.join(" ")}`);
  return createWordTokenizer(words);
}

function createWordTokenizer(words: readonly string[]): Tokenizer {
  const ids = new Map(words.map((word, id) => [word, id]));
  const wordOf = (id: number): string => {
    const word = words[id];
    if (word !== undefined) return word;
    throw new VisionError("invalid-argument", `word: expected an id from 0 to ${words.length - 1}, got ${id}`);
  };
  return {
    size: words.length,
    encode: (text) => splitWords(text).map((word) => ids.get(word) ?? UNKNOWN),
    decode: (chosen) =>
      chosen
        .map(wordOf)
        .filter((word) => !SILENT.has(word))
        .reduce((text, word) => (text === "" || ENDING.test(word) ? text + word : `${text} ${word}`), ""),
    startsWord: (id) => !ENDING.test(wordOf(id)),
  };
}
