import fc from "fast-check";
import { expect, test } from "vitest";
import { readPreprocessor } from "../../../../worker/checkpoint/config/preprocessor-recipe.ts";
import { writePreprocessor } from "../../../../worker/checkpoint/write/write-preprocessor.ts";
import type { Size } from "../../../../worker/contract/geometry.ts";
import type { ImageRecipe } from "../../../../worker/contract/pixels.ts";
import { expectRefusal } from "../code-of.ts";

const pixels = fc.integer({ min: 1, max: 1000 });
const size = fc.record({ width: pixels, height: pixels });
const positive = fc.double({ min: 0, minExcluded: true, max: 1e6, noNaN: true });
const perChannel = (item: fc.Arbitrary<number>, channels: number) =>
  fc.array(item, { minLength: channels, maxLength: channels });
const mean = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0); // JSON has no −0

/** Every recipe that ends at the model's size, which is all that a reader gives. */
const recipes = (imageSize: Size, channels: number): fc.Arbitrary<ImageRecipe> =>
  fc
    .record({
      ...{ filter: fc.constantFrom("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos") },
      rescale: fc.option(positive),
      normalise: fc.option(fc.record({ mean: perChannel(mean, channels), std: perChannel(positive, channels) })),
      steps: fc.oneof(
        fc.constant({ resize: null, crop: null }),
        fc.constant({ resize: { kind: "exact" as const, ...imageSize }, crop: null }),
        fc.record({
          crop: fc.constant(imageSize),
          resize: fc.oneof(
            fc.constant(null),
            fc.record({ kind: fc.constant("exact" as const), width: pixels, height: pixels }),
            fc.record({ kind: fc.constant("shortest-edge" as const), length: pixels, maxLength: fc.option(pixels) }),
          ),
        }),
      ),
    } as const)
    .map(({ steps, ...others }) => ({ ...others, ...steps }));

const throughJson = (recipe: ImageRecipe, imageSize: Size, channels: number): ImageRecipe => {
  const json = JSON.stringify(writePreprocessor(recipe, imageSize, channels));
  return readPreprocessor(JSON.parse(json), imageSize, channels);
};

test("every recipe is read back as it was written", () => {
  const cases = fc
    .tuple(size, fc.integer({ min: 1, max: 4 }))
    .chain(([imageSize, channels]) => fc.tuple(recipes(imageSize, channels), fc.constant({ imageSize, channels })));
  fc.assert(
    fc.property(cases, ([recipe, { imageSize, channels }]) => {
      expect(throughJson(recipe, imageSize, channels)).toEqual(recipe);
    }),
  );
});

const SIDE = { width: 32, height: 32 };
const PLAIN: ImageRecipe = {
  resize: { kind: "exact", ...SIDE },
  filter: "bicubic",
  crop: null,
  rescale: 1 / 255,
  normalise: null,
};

test.each([
  ["ViTImageProcessor", {}],
  ["DeiTImageProcessor", { resize: { kind: "exact", width: 36, height: 36 }, crop: SIDE }],
  ["CLIPImageProcessor", { resize: { kind: "shortest-edge", length: 36, maxLength: null }, crop: SIDE }],
] as const)("%s does the steps it is named for", (name, steps) => {
  expect(writePreprocessor({ ...PLAIN, ...steps }, SIDE, 3)).toMatchObject({ image_processor_type: name });
});

test("the rounding of a crop has no field: it becomes transformers'", () => {
  const crop = { ...SIDE, rounding: "half-even" as const };
  expect(throughJson({ ...PLAIN, crop }, SIDE, 3)).toEqual({ ...PLAIN, crop: SIDE });
});

test("a recipe that the model cannot take is refused", async () => {
  await expectRefusal(() => writePreprocessor(PLAIN, { width: 40, height: 32 }, 3), "config-malformed", "32 × 40");
  const grey = { ...PLAIN, normalise: { mean: [0.5], std: [0.5] } };
  await expectRefusal(() => writePreprocessor(grey, SIDE, 3), "config-malformed", "image_mean", "3 channels");
});
