import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Size } from "../../../worker/contract/geometry.ts";
import type { ImageRecipe, ResizeTarget, RgbImage } from "../../../worker/contract/pixels.ts";
import { preprocess } from "../../../worker/image/preprocess.ts";
import { centreCrop, outputSize, resizedSize } from "../../../worker/image/recipe-geometry.ts";
import { readPictures } from "./golden-pictures.ts";

const golden = readPictures("preprocess/expected.safetensors");
const photo = golden.get("source")!; // 241 × 173

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const NOTHING: ImageRecipe = { resize: null, filter: "bilinear", crop: null, rescale: null, normalise: null };

const exact = (width: number, height: number): ResizeTarget => ({ kind: "exact", width, height });
const shortest = (length: number, maxLength: number | null = null): ResizeTarget => ({
  kind: "shortest-edge",
  length,
  maxLength,
});

describe("resizedSize", () => {
  // [source width, height, shortest edge, longest allowed, width, height], as torchvision 0.14 answers; the last one it refuses
  test.each([
    [640, 480, 224, null, 298, 224],
    [480, 640, 224, null, 224, 298],
    [500, 500, 256, null, 256, 256],
    [241, 173, 248, null, 345, 248],
    [3, 1000, 224, null, 224, 74_666],
    [640, 480, 800, 1333, 1066, 800],
    [1920, 1080, 800, 1333, 1333, 749],
    [1080, 1920, 800, 1333, 749, 1333],
    [1, 60_000, 10, 100, 1, 100],
  ])("%i × %i to a shortest edge of %i, at most %s", (width, height, length, maxLength, newWidth, newHeight) => {
    const size = resizedSize({ width, height }, shortest(length, maxLength));
    expect(size).toEqual({ width: newWidth, height: newHeight });
  });

  test("an exact target is taken as it is, and none keeps the size", () => {
    expect(resizedSize({ width: 5, height: 9 }, exact(224, 192))).toEqual({ width: 224, height: 192 });
    expect(resizedSize({ width: 5, height: 9 }, null)).toEqual({ width: 5, height: 9 });
  });
});

describe("centreCrop", () => {
  // Offsets of transformers' center_crop: (size - crop) // 2, towards the top left.
  test.each([
    [298, 224, 224, 224, 37, 0],
    [331, 248, 224, 224, 53, 12],
    [5, 4, 2, 3, 1, 0],
    [3, 4, 8, 4, -3, 0], // padded: ceil((8 - 3) / 2) = 3 columns on the left
    [4, 3, 4, 4, 0, -1],
  ])("%i × %i cut to %i × %i", (width, height, cropWidth, cropHeight, left, top) => {
    const crop = centreCrop({ width, height }, { width: cropWidth, height: cropHeight });
    expect(crop).toEqual({ left, top, width: cropWidth, height: cropHeight });
  });

  // int(round((size - crop) / 2.0)) in Python, which rounds halves to even.
  test.each([
    [300, 38],
    [299, 38],
    [298, 37],
    [297, 36],
    [295, 36],
    [223, 0],
  ])("torchvision cuts 224 of %i at %i", (side, at) => {
    const crop = centreCrop({ width: side, height: side }, { width: 224, height: 224, rounding: "half-even" });
    expect(crop).toEqual({ left: at, top: at, width: 224, height: 224 });
  });

  // Padded by (size of the crop - size) // 2 columns on the left.
  test.each([
    [222, -1],
    [221, -1],
    [220, -2],
    [219, -2],
    [217, -3],
    [213, -5],
  ])("torchvision pads %i to 224 at %i", (side, at) => {
    const crop = centreCrop({ width: side, height: side }, { width: 224, height: 224, rounding: "half-even" });
    expect(crop).toEqual({ left: at, top: at, width: 224, height: 224 });
  });

  test("is as near the middle as whole pixels allow, and inside where it fits", () => {
    const side = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, cropWidth, cropHeight) => {
        const crop = centreCrop({ width, height }, { width: cropWidth, height: cropHeight });
        const right = width - crop.left - cropWidth;
        expect(right - crop.left).toBe(Math.abs(width - cropWidth) % 2);
        if (cropWidth <= width) expect(Math.min(crop.left, right)).toBeGreaterThanOrEqual(0);
        if (cropHeight <= height) expect(crop.top).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test("outputSize is fixed by a crop or an exact resize alone", () => {
  const crop: Size = { width: 224, height: 192 };
  expect(outputSize({ ...NOTHING, resize: exact(32, 16) })).toEqual({ width: 32, height: 16 });
  expect(outputSize({ ...NOTHING, resize: shortest(256), crop })).toEqual(crop);
  expect(outputSize({ ...NOTHING, resize: shortest(256) })).toBeNull();
  expect(outputSize(NOTHING)).toBeNull();
});

describe("preprocess", () => {
  test("with every step left out gives the bytes as numbers", () => {
    const { pixels, size, seen } = preprocess(photo, NOTHING);
    expect(pixels).toEqual(Float32Array.from(photo.data));
    expect(size).toEqual({ width: 241, height: 173 });
    expect(seen).toEqual({ source: size, resized: size, crop: { left: 0, top: 0, ...size } });
  });

  test("resizes as Pillow does and normalises within half a float32 step of float64", () => {
    const recipe: ImageRecipe = { ...NOTHING, resize: exact(64, 64), rescale: 1 / 255, normalise: IMAGENET };
    const { pixels, size } = preprocess(photo, recipe);
    expect(size).toEqual({ width: 64, height: 64 });
    const resized = golden.get("bilinear.64x64")!.data;
    const worst = resized.reduce((error, level, i) => {
      const wanted = (level / 255 - IMAGENET.mean[i % 3]!) / IMAGENET.std[i % 3]!;
      return Math.max(error, Math.abs(pixels[i]! - wanted));
    }, 0);
    expect(worst).toBeLessThan(1e-6);
  });

  test("rounds where transformers rounds", () => {
    // The float32 bits numpy gives: ((np.float32(np.float64(200) * (1 / 255)) - np.float32(0.485)) / np.float32(0.229)).view(np.uint32)
    const image: RgbImage = { width: 1, height: 1, data: Uint8Array.of(200, 7, 255) };
    const { pixels } = preprocess(image, { ...NOTHING, rescale: 1 / 255, normalise: IMAGENET });
    expect([...new Uint32Array(pixels.buffer)]).toEqual([1067928911, 3220497049, 1076426179]);
  });

  test("crops the middle of the resized picture", () => {
    const crop = { width: 30, height: 31 };
    const { pixels, seen } = preprocess(photo, { ...NOTHING, resize: exact(100, 57), filter: "lanczos", crop });
    const resized = golden.get("lanczos.57x100")!;
    expect(seen.crop).toEqual({ left: 35, top: 13, ...crop });
    for (let y = 0; y < crop.height; y++) {
      for (let i = 0; i < crop.width * 3; i++) {
        expect(pixels[y * crop.width * 3 + i]).toBe(resized.data[((y + 13) * 100 + 35) * 3 + i]);
      }
    }
  });

  test("pads with black before it normalises", () => {
    const white: RgbImage = { width: 1, height: 2, data: new Uint8Array(6).fill(255) };
    const recipe: ImageRecipe = {
      ...NOTHING,
      crop: { width: 4, height: 2 },
      rescale: 1 / 255,
      normalise: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    };
    const row = [-1, -1, -1, -1, -1, -1, 1, 1, 1, -1, -1, -1]; // 2 columns on the left, 1 on the right
    expect([...preprocess(white, recipe).pixels]).toEqual([...row, ...row]);
  });

  test("takes a very long picture where a crop follows, and refuses it where none does", () => {
    const line: RgbImage = { width: 60_000, height: 1, data: new Uint8Array(180_000).fill(90) };
    const recipe: ImageRecipe = { ...NOTHING, resize: shortest(224), filter: "bicubic" };
    const { pixels } = preprocess(line, { ...recipe, crop: { width: 224, height: 224 } });
    expect(new Set(pixels)).toEqual(new Set([90]));
    expect(() => preprocess(line, recipe)).toThrowError(expect.objectContaining({ code: "image-too-large" }));
  });

  test("refuses a recipe with too few channels", () => {
    const recipe: ImageRecipe = { ...NOTHING, normalise: { mean: [0.5], std: [0.5] } };
    expect(() => preprocess(photo, recipe)).toThrowError(expect.objectContaining({ code: "config-malformed" }));
  });
});
