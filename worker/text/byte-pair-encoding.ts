import { VisionError } from "../contract/errors.ts";
import type { BytePairTables } from "./byte-pair-files.ts";
import { toBytes, toSymbols } from "./byte-symbols.ts";
import { mergePairs } from "./merge-pairs.ts";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * The pieces that GPT-2 encodes one by one: English endings, words, numbers and other signs, each with the space before
 * it, then white space. As Python's `regex` reads it; JavaScript's `\s` would take U+FEFF for a space, and not U+0085.
 */
const PIECES =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const SPACE = "Ġ"; // the symbol of a space

/**
 * GPT-2's byte-level byte-pair encoding (Radford et al., "Language models are unsupervised multitask learners", 2019).
 * Every text can be encoded and comes back the same; a lone surrogate, which is no text, comes back as U+FFFD. Bytes
 * that are not UTF-8 are decoded to U+FFFD, as Python does with `errors="replace"`.
 */
export function createBytePairEncoding({ ids, ranks, added, prefixSpace }: BytePairTables): Tokenizer {
  const texts = new Map<number, string>(Array.from(ids, ([text, id]) => [id, text]));
  for (const [text, { id }] of added) texts.set(id, text);
  const special = new Set(Array.from(added.values(), (token) => (token.special ? token.id : -1)));
  const verbatim = new Set(Array.from(added.values(), ({ id }) => id));
  const addedPattern = matchAny([...added.keys()]);
  const textOf = (id: number): string => {
    const text = texts.get(id);
    if (text !== undefined) return text;
    throw new VisionError("invalid-argument", `token: expected an id of the vocabulary of ${texts.size}, got ${id}`);
  };
  const encodeText = (text: string): number[] =>
    (text.match(PIECES) ?? []).flatMap((piece) => mergePairs(toSymbols(piece), ranks).map((part) => ids.get(part)!));

  return {
    size: Array.from(texts.keys()).reduce((highest, id) => Math.max(highest, id), -1) + 1,
    encode: (text) =>
      // split with a group gives, in turn, what is between the added tokens and the added tokens
      (addedPattern ? text.split(addedPattern) : [text]).flatMap((part, at) => {
        if (at % 2 === 1) return added.get(part)!.id;
        return part === "" ? [] : encodeText(prefixSpace && !part.startsWith(" ") ? ` ${part}` : part);
      }),
    decode(chosen) {
      const bytes = chosen.flatMap((id) => {
        const text = textOf(id);
        if (special.has(id)) return [];
        return verbatim.has(id) ? Array.from(new TextEncoder().encode(text)) : toBytes(text);
      });
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
    },
    startsWord: (id) => textOf(id).startsWith(SPACE),
  };
}

/** One of the texts, the longest that fits; null for none. */
function matchAny(texts: readonly string[]): RegExp | null {
  if (texts.length === 0) return null;
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(`(${longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})`, "u");
}
