import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResizeFilter, RgbImage } from "../../../worker/contract/pixels.ts";
import { cutOut } from "../../../worker/image/cut-out.ts";
import { resize } from "../../../worker/image/resize.ts";
import { readPictures } from "./golden-pictures.ts";

const FILTERS = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;

const photo = readPictures("preprocess/expected.safetensors");
const odd = readPictures("resize.safetensors");

const cases = (pictures: Map<string, RgbImage>): string[] =>
  [...pictures.keys()].filter((name) => !name.startsWith("source"));

const differingBytes = (a: RgbImage, b: RgbImage): number => {
  expect({ width: a.width, height: a.height, bytes: a.data.length }).toEqual({
    width: b.width,
    height: b.height,
    bytes: b.data.length,
  });
  return a.data.reduce((count, value, i) => count + Number(value !== b.data[i]), 0);
};

describe("resize gives Pillow's bytes", () => {
  test("the reference files are all there", () => {
    expect(cases(photo)).toHaveLength(20);
    expect(cases(odd).length).toBeGreaterThan(90);
  });

  test.each(cases(photo))("photo, %s", (name) => {
    const expected = photo.get(name)!;
    const filter = name.split(".")[0] as ResizeFilter;
    expect(differingBytes(resize(photo.get("source")!, expected, filter), expected)).toBe(0);
  });

  test.each(cases(odd))("odd sizes, %s", (name) => {
    const [source, filter] = name.split(".") as [string, ResizeFilter];
    const expected = odd.get(name)!;
    expect(differingBytes(resize(odd.get(`source.${source}`)!, expected, filter), expected)).toBe(0);
  });
});

describe("resize", () => {
  const side = fc.integer({ min: 1, max: 24 });
  const picture = fc.tuple(side, side).chain(([width, height]) => {
    const length = width * height * 3;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((data): RgbImage => ({ width, height, data: new Uint8Array(data) }));
  });

  test("keeps a picture of one colour as it is, under every filter", () => {
    const level = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(side, side, side, side, level, fc.constantFrom(...FILTERS), (w, h, width, height, grey, filter) => {
        const flat: RgbImage = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(grey) };
        expect(new Set(resize(flat, { width, height }, filter).data)).toEqual(new Set([grey]));
      }),
    );
  });

  test("a window is what cropping afterwards leaves", () => {
    const part = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(
        picture,
        side,
        side,
        fc.tuple(part, part, part, part),
        fc.constantFrom(...FILTERS),
        (image, width, height, [x, y, w, h], filter) => {
          const left = Math.floor(x * width);
          const top = Math.floor(y * height);
          const window = {
            left,
            top,
            width: 1 + Math.floor(w * (width - left)),
            height: 1 + Math.floor(h * (height - top)),
          };
          const wholeThenCut = cutOut(resize(image, { width, height }, filter), window);
          expect(resize(image, { width, height }, filter, window)).toEqual(wholeThenCut);
        },
      ),
    );
  });

  test("does not change its source, and never hands it back", () => {
    fc.assert(
      fc.property(picture, fc.constantFrom(...FILTERS), (image, filter) => {
        const before = image.data.slice();
        const same = resize(image, image, filter);
        expect(same.data).toEqual(before);
        expect(same.data.buffer).not.toBe(image.data.buffer);
        resize(image, { width: 3, height: 5 }, filter);
        expect(image.data).toEqual(before);
      }),
    );
  });
});
