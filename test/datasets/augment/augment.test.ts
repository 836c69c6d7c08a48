import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AUGMENT_DEFAULTS, augment, type AugmentRecipe } from "../../../datasets/augment/augment.ts";
import { eraseAtRandom } from "../../../datasets/augment/erase.ts";
import { flipHorizontally } from "../../../datasets/augment/flip.ts";
import { rotate, translate } from "../../../datasets/augment/warp.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { scripted } from "./golden.ts";

const side = fc.integer({ min: 1, max: 16 });
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const probability = fc.double({ min: 0, max: 1, noNaN: true });

function noise(width: number, height: number, start: number): RgbImage {
  const random = createRandom(start);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random() * 256) };
}

const picture = fc.tuple(side, side, seed).map((drawn) => noise(...drawn));
const square = fc.tuple(side, seed).map(([length, start]) => noise(length, length, start));

const share = fc.double({ min: 0.01, max: 1, noNaN: true });
const ratio = fc.double({ min: 0.1, max: 10, noNaN: true });
const rising = ([a, b]: [number, number]): [number, number] => (a < b ? [a, b] : [b, a]);
const amount = fc.double({ min: 0, max: 2, noNaN: true });

const recipe: fc.Arbitrary<AugmentRecipe> = fc.record({
  crop: fc.option(fc.record({ scale: fc.tuple(share, share).map(rising), ratio: fc.tuple(ratio, ratio).map(rising) })),
  flip: probability,
  jitter: fc.option(
    fc.record({
      brightness: amount,
      contrast: amount,
      saturation: amount,
      hue: fc.double({ min: 0, max: 0.5, noNaN: true }),
    }),
  ),
  trivial: fc.boolean(),
  erase: probability,
});

const NOTHING: AugmentRecipe = { crop: null, flip: 0, jitter: null, trivial: false, erase: 0 };

describe("augment", () => {
  test("gives the size asked for, whatever the recipe, and the same bytes for the same seed", () => {
    fc.assert(
      fc.property(picture, recipe, seed, side, side, (image, how, start, width, height) => {
        const before = image.data.slice();
        const once = augment(image, how, createRandom(start), { width, height });
        expect(once).toMatchObject({ width, height });
        expect(once.data).toBeInstanceOf(Uint8Array);
        expect(once.data).toHaveLength(width * height * 3);
        expect(augment(image, how, createRandom(start), { width, height })).toEqual(once);
        expect(image.data).toEqual(before);
      }),
    );
  });

  test("is the same after its recipe has been written as JSON and read", () => {
    fc.assert(
      fc.property(picture, recipe, seed, (image, how, start) => {
        const read = JSON.parse(JSON.stringify(how)) as AugmentRecipe;
        expect(augment(image, read, createRandom(start))).toEqual(augment(image, how, createRandom(start)));
      }),
    );
  });

  test("with nothing to do gives a copy of its own", () => {
    fc.assert(
      fc.property(picture, seed, (image, start) => {
        const same = augment(image, NOTHING, createRandom(start));
        expect(same).toEqual(image);
        expect(same.data.buffer).not.toBe(image.data.buffer);
      }),
    );
  });

  test("with a jitter of 0 does not touch the colours, hue and its way through HSV included", () => {
    const jitter = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };
    fc.assert(
      fc.property(picture, seed, (image, start) => {
        expect(augment(image, { ...NOTHING, jitter }, createRandom(start))).toEqual(image);
      }),
    );
  });

  test("by default crops and flips: another picture for almost every seed", () => {
    const image = noise(32, 32, 1);
    const seen = Array.from({ length: 50 }, (_, start) =>
      augment(image, AUGMENT_DEFAULTS, createRandom(start)).data.join(),
    );
    expect(new Set(seen).size).toBeGreaterThan(48);
  });
});

describe("a picture", () => {
  test("flipped twice is itself, and its columns are in the other order", () => {
    fc.assert(
      fc.property(picture, (image) => {
        const flipped = flipHorizontally(image);
        expect(flipHorizontally(flipped)).toEqual(image);
        const column = (from: RgbImage, x: number): number[] =>
          Array.from(
            { length: from.height * 3 },
            (_, i) => from.data[(Math.floor(i / 3) * from.width + x) * 3 + (i % 3)]!,
          );
        for (let x = 0; x < image.width; x++) expect(column(flipped, x)).toEqual(column(image, image.width - 1 - x));
      }),
    );
  });

  test("that is square turned by 90° four times is itself", () => {
    fc.assert(
      fc.property(square, (image) => {
        const turned = [1, 2, 3, 4].reduce((from) => rotate(from, 90), image);
        expect(turned).toEqual(image);
        expect(rotate(rotate(image, 180), 180)).toEqual(image);
      }),
    );
  });

  test("moved further than its side is black", () => {
    fc.assert(
      fc.property(picture, (image) => {
        expect(new Set(translate(image, image.width, 0).data)).toEqual(new Set([0]));
        expect(new Set(translate(image, 0, -image.height).data)).toEqual(new Set([0]));
      }),
    );
  });
});

describe("erasing", () => {
  const size = { width: 20, height: 12 };

  test("gives one box of 2 % … 33 % of the picture the colour, and leaves the rest", () => {
    fc.assert(
      fc.property(seed, (start) => {
        const pixels = new Float32Array(20 * 12 * 3).fill(7);
        eraseAtRandom(pixels, size, 1, [0.25, -1, 3], createRandom(start));
        const erased = Array.from({ length: 240 }, (_, i) => i).filter((i) => pixels[i * 3] !== 7);
        const colours = new Set(erased.map((i) => pixels.subarray(i * 3, i * 3 + 3).join()));
        expect(colours).toEqual(new Set(["0.25,-1,3"]));
        const columns = erased.map((i) => i % 20);
        const rows = erased.map((i) => Math.floor(i / 20));
        const width = Math.max(...columns) - Math.min(...columns) + 1;
        const height = Math.max(...rows) - Math.min(...rows) + 1;
        expect(erased).toHaveLength(width * height);
        expect(Math.abs(width * height - 0.175 * 240)).toBeLessThan(0.155 * 240 + (width + height) / 2); // sides are rounded
      }),
    );
  });

  test("happens as often as asked", () => {
    const pixels = new Uint8Array(240 * 3).fill(9);
    eraseAtRandom(pixels, size, 0.3, [0, 0, 0], scripted([0.3]));
    expect(new Set(pixels)).toEqual(new Set([9]));
    eraseAtRandom(pixels, size, 0.3, [0, 0, 0], scripted([0.299, 0.5, 0.5, 0, 0]));
    expect(pixels[0]).toBe(0);
  });
});
