import { WrongCall } from "./wrong-call.ts";

/** Options by name, as they were written; a default may be a number, an option given twice is an array. */
export type Options = Readonly<Record<string, unknown>>;

/** What stands behind a flag → what it means. Throws `WrongCall` for what means nothing. */
export type Reading<Value> = (text: string, flag: string) => Value;

/** `a`, `b`, `c` → `a, b or c`. */
export const orList = (words: readonly string[]): string =>
  [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" or ");

/** As the command line keeps it: `--max-words <n>` → `maxWords`. */
export const optionName = (flag: string): string =>
  flag.replace(/^--| .*$/g, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Throws `WrongCall` for an option that is not there, is empty, or is there twice. */
export function readOption<Value>(options: Options, flag: string, reading: Reading<Value>): Value {
  const value = options[optionName(flag)];
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && text !== "") return reading(text, flag);
  throw new WrongCall(`${flag}: expected one value, got ${text === undefined ? "none" : JSON.stringify(text)}`);
}

/** `undefined` for an option that is not there. */
export const readIfGiven = <Value>(options: Options, flag: string, reading: Reading<Value>): Value | undefined =>
  options[optionName(flag)] === undefined ? undefined : readOption(options, flag, reading);

export const asWritten: Reading<string> = (text) => text;

export const wholeFrom =
  (from: number): Reading<number> =>
  (text, flag) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(number) && number >= from) return number;
    throw new WrongCall(`${flag}: expected a whole number from ${from}, got ${text}`);
  };

/** `wanted` names the numbers that `holds` is true of, for people. */
export const numberThat =
  (wanted: string, holds: (number: number) => boolean): Reading<number> =>
  (text, flag) => {
    const number = text.trim() === "" ? NaN : Number(text);
    if (Number.isFinite(number) && holds(number)) return number;
    throw new WrongCall(`${flag}: expected ${wanted}, got ${text}`);
  };

export const oneOf =
  <Value extends string>(...known: readonly Value[]): Reading<Value> =>
  (text, flag) => {
    const found = known.find((value) => value === text);
    if (found !== undefined) return found;
    throw new WrongCall(`${flag}: expected ${orList(known)}, got ${text}`);
  };

/** A file of one of these kinds, by how its name ends: `.csv`. */
export const fileEndingIn =
  (...endings: readonly string[]): Reading<string> =>
  (path, flag) => {
    if (endings.some((ending) => path.toLowerCase().endsWith(ending))) return path;
    throw new WrongCall(`${flag}: expected a file ending in ${orList(endings)}, got ${path}`);
  };
