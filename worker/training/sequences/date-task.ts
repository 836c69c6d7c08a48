import { pick, shuffle } from "../../contract/draw.ts";
import { createRandom, type Random } from "../../contract/random.ts";
import { createAlphabet } from "./alphabet.ts";
import type { Example, SequenceTask } from "./sequence-task.ts";

const DAY = 86_400_000; // milliseconds
const FIRST = Date.UTC(1950, 0, 1) / DAY;
const LAST = Date.UTC(2049, 11, 31) / DAY; // a century, so that two figures tell the year

const MONTHS = "january february march april may june july august september october november december".split(" ");
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The parts of a day of the calendar. */
type Parts = {
  readonly year: string; // four figures
  readonly month: number; // 1 to 12
  readonly name: string; // of the month
  readonly day: number; // 1 to 31
  readonly weekday: string; // its first three letters
};

const short = (name: string): string => name.slice(0, 3);
const two = (number: number): string => String(number).padStart(2, "0");

/** How people write a day; `/` with four figures of the year at the end is American, `.` is German. */
export const DATE_FORMATS: readonly ((parts: Parts) => string)[] = [
  ({ year, name, day }) => `${day} ${name} ${year}`,
  ({ year, name, day }) => `${name} ${day}, ${year}`,
  ({ year, name, day }) => `${short(name)} ${day}, ${year}`,
  ({ year, name, day }) => `${two(day)}-${short(name)}-${year}`,
  ({ year, name, day }) => `${day} ${short(name)} '${year.slice(2)}`,
  ({ year, name, day, weekday }) => `${weekday}, ${day} ${short(name)} ${year}`,
  ({ year, month, day }) => `${month}/${day}/${year}`,
  ({ year, month, day }) => `${day}.${month}.${year}`,
  ({ year, month, day }) => `${year}/${two(month)}/${two(day)}`,
  ({ year, month, day }) => `${year}${two(month)}${two(day)}`,
  ({ year, month, day }) => `${year}년 ${month}월 ${day}일`,
];

/** A day, counted from 1970-01-01, in one of the formats and in ISO 8601. */
export function writeDay(day: number, format: (parts: Parts) => string): Example {
  const date = new Date(day * DAY);
  const iso = date.toISOString().slice(0, 10);
  const month = date.getUTCMonth();
  const parts = {
    year: iso.slice(0, 4),
    month: month + 1,
    name: MONTHS[month]!,
    day: date.getUTCDate(),
    weekday: WEEKDAYS[date.getUTCDay()]!,
  };
  return { source: format(parts), target: iso };
}

/**
 * Dates of 1950 to 2049 in many formats, to be written as ISO 8601. Of `heldOut` days, chosen by the seed, no format is
 * ever learned from; each is held out in one format.
 */
export function dateTask(seed: number, heldOut = 1000): SequenceTask {
  const random = createRandom(seed);
  const days = shuffle(
    Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index),
    random,
  );
  const learned = days.slice(heldOut);
  const write = (day: number, drawn: Random): Example => writeDay(day, pick(DATE_FORMATS, drawn));
  return {
    source: createAlphabet("0123456789 ,-'/.abcdefghijlmnoprstuvwy년월일"),
    target: createAlphabet("0123456789-"),
    longestSource: "september 30, 2049".length,
    longestTarget: "2049-09-30".length,
    draw: (drawn) => write(pick(learned, drawn), drawn),
    heldOut: days.slice(0, heldOut).map((day) => write(day, random)),
  };
}
