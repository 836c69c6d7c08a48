import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitStratified } from "../../datasets/split-stratified.ts";

type Item = { id: number; of: string };

const itemsOf = (counts: readonly number[]): Item[] =>
  counts.flatMap((count, at) => Array.from({ length: count }, (_, i) => ({ id: at * 1000 + i, of: `class ${at}` })));

const count = (items: readonly Item[], of: string): number => items.filter((item) => item.of === of).length;

describe("a stratified split", () => {
  test("parts every class by its share, keeps the order and one of each for training", () => {
    const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(counts, share, fc.nat(1000), (counts, validation, seed) => {
        const items = itemsOf(counts);
        const parts = splitStratified(items, ({ of }) => of, { validation, seed });
        expect([...parts.train, ...parts.validation].sort((a, b) => a.id - b.id)).toEqual(items);
        for (const part of [parts.train, parts.validation]) expect(part).toEqual(part.toSorted((a, b) => a.id - b.id));
        for (const [at, of] of counts.entries()) {
          const held = count(parts.validation, `class ${at}`);
          expect(Math.abs(held - validation * of)).toBeLessThan(1 + 1e-9);
          expect(of - held).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });

  test("comes to the share of the whole, the odd ones going to the classes that rounding cost most", () => {
    const { validation } = splitStratified(itemsOf([19, 15, 11, 55]), ({ of }) => of, { validation: 0.1, seed: 1 });
    const held = ["class 0", "class 1", "class 2", "class 3"].map((of) => count(validation, of));
    expect(held.slice(0, 3)).toEqual([2, expect.any(Number), 1]); // 1.9, 1.5, 1.1, 5.5
    expect(held[1]! + held[3]!).toBe(7); // the one that is left goes to either
  });

  test("depends on the seed alone, and every picture can be drawn", () => {
    const items = itemsOf([10]);
    const split = (seed: number) => splitStratified(items, ({ of }) => of, { validation: 0.1, seed }).validation[0]!.id;
    expect(split(7)).toBe(split(7));
    expect(new Set(Array.from({ length: 200 }, (_, seed) => split(seed))).size).toBe(10);
  });

  test.each([0, 1, -0.1, Number.NaN])("refuses a share of %d", (validation) => {
    expect(() => splitStratified([1], () => 0, { validation, seed: 1 })).toThrow("wanted a share between 0 and 1");
  });
});
