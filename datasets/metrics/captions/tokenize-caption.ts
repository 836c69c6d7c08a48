/**
 * The words of a caption as pycocoevalcap counts them: what Stanford's PTBTokenizer with `-lowerCase` makes of it, less
 * punctuation. Follows the rules of its lexer that captions meet, the longest match first. Not followed: URLs,
 * e-mail addresses, smileys, markup, telephone numbers, spaces inside fractions.
 */
export function tokenizeCaption(caption: string): string[] {
  const text = caption
    .normalize("NFC")
    .replaceAll(/[‘’‛´]/gu, "'")
    .replaceAll(/[“”„]/gu, '"');
  return (text.match(TOKEN) ?? [])
    .flatMap(partToken)
    .map((token) => ESCAPED.get(token) ?? token.toLowerCase().replaceAll(/[/*]/gu, "\\$&"))
    .filter((token) => !PUNCTUATION.has(token));
}

const LETTER = String.raw`[\p{L}\p{M}]`;
const SIGN = String.raw`[\p{L}\p{M}\p{N}]`; // of a word
const WORD_ENDS = `(?!${SIGN})`;

/** Read as two tokens; the number is the length of the second. */
const PARTED: readonly (readonly [RegExp, number])[] = [
  [/^cannot$/iu, 3],
  [/^(?:gonna|gotta|lemme|gimme|wanna)$/iu, 2],
  [/^'twas$/iu, 3],
  [/^'tis$/iu, 2],
];

const ABBREVIATIONS =
  "Mrs?|Ms|Drs?|Profs?|Sens?|Reps?|Govs?|Lt|Col|Gen|Sgt|Capt|Rev|Hon|St|Mt|Ft|Ave|Blvd|Rd|Jr|Sr|Bros|Inc|Corp|Co|Ltd|vs|etc|approx|No";

/** A pattern without capitals → the same in any case; the flag for that costs five times the time. */
const anyCase = (pattern: string): string =>
  pattern.replaceAll(/\p{L}/gu, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);

/** In the order in which they are tried. */
const TOKENS: readonly string[] = [
  `(?:${anyCase("cannot|gonna|gotta|lemme|gimme|wanna|'twas|'tis")})${WORD_ENDS}`,
  String.raw`${SIGN}+(?:-${LETTER}+){0,2}(?:/${SIGN}+(?:-${LETTER}+){0,2}){1,2}`, // black/white, 1/2
  String.raw`${LETTER}(?:\.${LETTER})+\.`, // U.S.
  String.raw`(?:${anyCase(ABBREVIATIONS)})\.${WORD_ENDS}`,
  `${LETTER}*[A-MO-Za-mo-z](?=${anyCase("n't")}${WORD_ENDS})`, // is|n't
  `(?:${anyCase("n't|'s|'m|'d|'re|'ve|'ll")})${WORD_ENDS}`,
  `'[nN]'|(?:${anyCase("'em|'till?|'cause|'[2-9]0s|c'mon|s'mores|o'clock")})${WORD_ENDS}`,
  `[A-HJ-XZn]'${LETTER}{2,}`, // O'Brien
  `[yY]'(?=${LETTER})`, // y'|all
  String.raw`${SIGN}[\p{L}\p{M}\p{N}.,]*(?:[-_]${SIGN}+)+`, // black-and-white, 5-year-old
  String.raw`[-+]?(?:\p{N}+(?:[.:,]\p{N}+)+|[.,]\p{N}+)`, // 1,000 and 10:30 and .5
  String.raw`${LETTER}${SIGN}*(?:[.!?]${LETTER}${SIGN}*)*`,
  String.raw`[-+]?\p{N}+${WORD_ENDS}|${SIGN}+`, // 20 and 1st
  String.raw`\.{3,}|…|-+|[–—]|[?!]+|\*+|=+|#+|@+|_+|''|` + "``", // what comes in runs
  String.raw`\S`,
];

const TOKEN = new RegExp(TOKENS.join("|"), "gu");

function partToken(token: string): string[] {
  const [, length] = PARTED.find(([pattern]) => pattern.test(token)) ?? [];
  return length === undefined ? [token] : [token.slice(0, -length), token.slice(-length)];
}

/** Brackets, with `-lowerCase` on, get past pycocoevalcap's list of punctuation, which has them in capitals. */
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["(", "-lrb-"],
  [")", "-rrb-"],
  ["[", "-lsb-"],
  ["]", "-rsb-"],
  ["{", "-lcb-"],
  ["}", "-rcb-"],
  ["…", "..."],
  ["–", "--"],
  ["—", "--"],
]);

/** pycocoevalcap's, and the quotes that the lexer writes as those. */
const PUNCTUATION: ReadonlySet<string> = new Set([
  ...["''", "'", "``", "`", '"', ".", "?", "!", ",", ":", "-", "--", "---", "----", "...", ";"],
]);
