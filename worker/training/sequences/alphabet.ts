import { VisionError } from "../../contract/errors.ts";

/** What stands before the characters of every alphabet. */
export const PAD = 0; // behind the end of a shorter row; never written
export const START = 1;
export const END = 2;
const SPECIAL = 3; // tokens that are no character

/** Characters as tokens, one by one. */
export type Alphabet = {
  readonly size: number; // tokens in all
  /** Throws `invalid-argument` for a character that is not in it. */
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
};

/** `characters`: each one once, in the order of their tokens. Capital letters are read as small ones. */
export function createAlphabet(characters: string): Alphabet {
  const all = [...characters];
  const tokens = new Map(all.map((character, index) => [character, index + SPECIAL]));
  const tokenOf = (character: string): number => {
    const token = tokens.get(character);
    if (token !== undefined) return token;
    throw new VisionError("invalid-argument", `"${character}": wanted characters of "${characters}"`);
  };
  return {
    size: all.length + SPECIAL,
    encode: (text) => [...text.normalize("NFC").toLowerCase()].map(tokenOf),
    decode: (written) => written.map((token) => all[token - SPECIAL] ?? "").join(""),
  };
}
