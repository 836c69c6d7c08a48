import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutMix } from "../../../datasets/augment/cutmix.ts";
import type { LabelledBatch } from "../../../datasets/augment/mix-targets.ts";
import { mixUp } from "../../../datasets/augment/mixup.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import { maxDifference } from "../../setup/golden.ts";

const CLASSES = 4;

/** Every number of picture b is b + 1, so that a pixel tells whose it is; targets are any distributions. */
const batch: fc.Arbitrary<LabelledBatch> = fc
  .tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom(1, 3),
  )
  .chain(([count, height, width, channels]) => {
    const length = height * width * channels;
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), {
      minLength: count * CLASSES,
      maxLength: count * CLASSES,
    });
    return weights.map((drawn): LabelledBatch => {
      const total = (row: number): number => drawn.slice(row * CLASSES, (row + 1) * CLASSES).reduce((a, b) => a + b);
      return {
        shape: [count, height, width, channels],
        pixels: Float32Array.from({ length: count * length }, (_, i) => Math.floor(i / length) + 1),
        targets: Float32Array.from(drawn, (weight, i) => weight / total(Math.floor(i / CLASSES))),
      };
    });
  });

const alpha = fc.double({ min: 0.05, max: 4, noNaN: true });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const row = (values: Float32Array, at: number, length: number): Float32Array =>
  values.subarray(at * length, (at + 1) * length);
const before = (at: number, count: number): number => (at === 0 ? count - 1 : at - 1);

describe.each([
  ["mixUp", mixUp],
  ["cutMix", cutMix],
] as const)("%s", (_, mix) => {
  test("keeps targets distributions: own share of their own, the rest of the picture before", () => {
    fc.assert(
      fc.property(batch, alpha, seed, (given, a, start) => {
        const { own, targets, shape } = mix(given, a, createRandom(start));
        expect(own >= 0 && own <= 1).toBe(true);
        for (let at = 0; at < shape[0]; at++) {
          const [mine, theirs] = [row(given.targets, at, CLASSES), row(given.targets, before(at, shape[0]), CLASSES)];
          const mixed = row(targets, at, CLASSES);
          expect(mixed.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
          const expected = mine.map((x, i) => own * x + (1 - own) * theirs[i]!);
          expect(maxDifference(mixed, expected)).toBeLessThan(1e-6);
        }
      }),
    );
  });

  test("is the same for the same seed, and leaves what it was given", () => {
    fc.assert(
      fc.property(batch, alpha, seed, (given, a, start) => {
        const kept = structuredClone(given);
        const mixed = mix(given, a, createRandom(start));
        expect(mix(given, a, createRandom(start))).toEqual(mixed);
        expect(given).toEqual(kept);
        expect(mixed.pixels.buffer).not.toBe(given.pixels.buffer);
      }),
    );
  });

  test("refuses pixels and targets that do not fit, and α ≤ 0", () => {
    const fine: LabelledBatch = { shape: [2, 3, 3, 1], pixels: new Float32Array(18), targets: new Float32Array(4) };
    const random = createRandom(1);
    expect(() => mix({ ...fine, pixels: new Float32Array(17) }, 1, random)).toThrow(
      "pixels [2, 3, 3, 1]: wanted 18 numbers, got 17",
    );
    expect(() => mix({ ...fine, targets: new Float32Array(5) }, 1, random)).toThrow("wanted [2, classes], got 5");
    for (const wrong of [0, -1, NaN, Infinity]) expect(() => mix(fine, wrong, random)).toThrow("alpha");
  });
});

test("mixUp lays each picture over the one before it", () => {
  fc.assert(
    fc.property(batch, alpha, seed, (given, a, start) => {
      const { own, pixels, shape } = mixUp(given, a, createRandom(start));
      const length = pixels.length / shape[0];
      const expected = pixels.map((_, i) => {
        const at = Math.floor(i / length);
        return own * (at + 1) + (1 - own) * (before(at, shape[0]) + 1);
      });
      expect(maxDifference(pixels, expected)).toBeLessThan(1e-6);
    }),
  );
});

test("cutMix pastes exactly as many pixels as its targets say, in one box, where they were", () => {
  fc.assert(
    fc.property(batch, alpha, seed, (given, a, start) => {
      const [count, height, width, channels] = given.shape;
      fc.pre(count > 1);
      const placed = given.pixels.map((picture, i) => picture * 1000 + (i % (height * width * channels)));
      const { own, pixels } = cutMix({ ...given, pixels: placed }, a, createRandom(start));
      for (let at = 0; at < count; at++) {
        const mine = [...row(pixels, at, height * width * channels)];
        const pasted = mine.map((value) => Math.floor(value / 1000) !== at + 1);
        expect(pasted.filter(Boolean).length).toBeCloseTo((1 - own) * height * width * channels, 6);
        expect(mine).toEqual(pasted.map((is, i) => (is ? before(at, count) + 1 : at + 1) * 1000 + i));
        expect(boxArea(pasted, width, channels)).toBe(pasted.filter(Boolean).length);
      }
    }),
  );
});

/** How many values the smallest box around the marked ones holds. */
function boxArea(marked: readonly boolean[], width: number, channels: number): number {
  const pixels = marked.flatMap((is, i) => (is ? [Math.floor(i / channels)] : []));
  if (pixels.length === 0) return 0;
  const span = (places: number[]): number => Math.max(...places) - Math.min(...places) + 1;
  return span(pixels.map((i) => i % width)) * span(pixels.map((i) => Math.floor(i / width))) * channels;
}
