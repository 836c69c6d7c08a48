import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../../worker/contract/random.ts";
import { createAlphabet } from "../../../../worker/training/sequences/alphabet.ts";
import { DATE_FORMATS, dateTask, writeDay } from "../../../../worker/training/sequences/date-task.ts";
import type { SequenceTask } from "../../../../worker/training/sequences/sequence-task.ts";
import { reversalTask } from "../../../../worker/training/sequences/word-task.ts";

const DAY = 86_400_000; // milliseconds
const days = fc.integer({ min: Date.UTC(1950, 0, 1) / DAY, max: Date.UTC(2049, 11, 31) / DAY });

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** What a reader takes a written date for: figures and names of months in the order of the format. */
function readBack(text: string): string {
  const compact = /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  const [, ...figures] = compact ?? [];
  const numbers = compact ? figures : (text.match(/\d+/g) ?? []);
  const month = MONTHS.findIndex((name) => new RegExp(`\\b${name}`).test(text.replace(/^\w{3}, /, ""))) + 1;
  const iso = (year: string, at: string | number, day: string): string => {
    const full = year.length === 4 ? year : `${Number(year) >= 50 ? 19 : 20}${year}`;
    return [full, ...[at, day].map((part) => String(part).padStart(2, "0"))].join("-");
  };
  const [a, b, c] = numbers as [string, string, string];
  if (month > 0) return iso(b, month, a);
  if (a.length === 4) return iso(a, b, c);
  return text.includes("/") ? iso(c, a, b) : iso(c, b, a);
}

describe("dates", () => {
  test("what a format writes, a reader reads back, and the calendar agrees", () => {
    fc.assert(
      fc.property(days, fc.constantFrom(...DATE_FORMATS), (day, format) => {
        const { source, target } = writeDay(day, format);
        expect(readBack(source)).toBe(target);
        expect(Date.parse(target)).toBe(day * DAY);
      }),
    );
  });

  test("a weekday is the one that the calendar gives", () => {
    expect(DATE_FORMATS.map((format) => writeDay(Date.UTC(2026, 10, 21) / DAY, format).source)).toContain(
      "sat, 21 nov 2026",
    );
  });

  test("two seeds hold out other days; the same one the same", () => {
    const targets = (seed: number) => dateTask(seed, 50).heldOut.map(({ target }) => target);
    expect(targets(3)).toEqual(targets(3));
    expect(targets(3)).not.toEqual(targets(4));
  });
});

test("a word is written backwards, and twice backwards is the word", () => {
  const { heldOut } = reversalTask(5, 8, 100);
  for (const { source, target } of heldOut) {
    expect([...target].reverse().join("")).toBe(source);
    expect(source.length).toBeGreaterThanOrEqual(3);
  }
  expect(reversalTask(5, 8, 1).heldOut[0]!.source).toBe(heldOut[0]!.source);
  expect(writeDay(0, DATE_FORMATS[0]!).target).toBe("1970-01-01");
});

describe.each<[string, () => SequenceTask]>([
  ["dates", () => dateTask(1)],
  ["words", () => reversalTask(1, 4, 1000)], // so short that drawing often meets one held out
])("task: %s", (_, create) => {
  test("holds out a thousand different answers, and never draws one of them", () => {
    const task = create();
    const heldOut = new Set(task.heldOut.map(({ target }) => target));
    expect(heldOut.size).toBe(1000);
    const random = createRandom(9);
    for (let drawn = 0; drawn < 3000; drawn++) expect(heldOut.has(task.draw(random).target)).toBe(false);
  });

  test("every character is in its alphabet, and no text is longer than said", () => {
    const task = create();
    const random = createRandom(2);
    const examples = [...task.heldOut, ...Array.from({ length: 1000 }, () => task.draw(random))];
    for (const { source, target } of examples) {
      expect(task.source.decode(task.source.encode(source))).toBe(source);
      expect(task.target.decode(task.target.encode(target))).toBe(target);
    }
    expect(Math.max(...examples.map(({ source }) => source.length))).toBeLessThanOrEqual(task.longestSource);
    expect(Math.max(...examples.map(({ target }) => target.length))).toBe(task.longestTarget);
  });

  test("the same stream draws the same examples", () => {
    const [one, other] = [createRandom(4), createRandom(4)];
    const task = create();
    expect(Array.from({ length: 20 }, () => task.draw(one))).toEqual(
      Array.from({ length: 20 }, () => task.draw(other)),
    );
  });
});

describe("alphabet", () => {
  const alphabet = createAlphabet("abc년");

  test("leaves out tokens that are no character", () => {
    expect(alphabet.size).toBe(7);
    expect(alphabet.encode("aC년")).toEqual([3, 5, 6]);
    expect(alphabet.decode([1, 3, 4, 2, 0])).toBe("ab");
  });

  test("reads a decomposed character as the one it is", () => {
    expect(alphabet.encode("년".normalize("NFD"))).toEqual([6]);
  });

  test("says which character it does not know", () => {
    expect(() => alphabet.encode("abz")).toThrow('"z": wanted characters of "abc년"');
  });
});
