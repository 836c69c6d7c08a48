import { describe, expect, test } from "vitest";
import { guessHeads } from "../../../../worker/checkpoint/config/guess-heads.ts";
import { NAMING_SCHEMES } from "../../../../worker/checkpoint/names/schemes.ts";
import { VIT_PRESETS } from "../../../../worker/models/vit/presets.ts";

const sizes = (hiddenSize: number, layers: number, intermediateSize: number) => ({
  hiddenSize,
  layers,
  intermediateSize,
});
const hugging = NAMING_SCHEMES.filter(({ title }) => title.startsWith("Hugging Face"));
const bare = NAMING_SCHEMES.filter((scheme) => !hugging.includes(scheme));

test("both kinds of families are there", () => {
  expect(hugging).toHaveLength(5);
  expect(bare.map(({ title }) => title).join()).toMatch(/timm.*torchvision/);
});

describe.each(hugging)("under the names of $title", (scheme) => {
  test.each(Object.entries(VIT_PRESETS))("%s is known by all its sizes", (_, preset) => {
    expect(guessHeads(preset, scheme)).toBe(preset.heads);
  });

  test.each([
    [1280, 32, 5120],
    [1408, 40, 6144],
    [1664, 48, 8192],
  ])("the giant %i wide, of %i layers, has 16 heads", (...giant) => {
    expect(guessHeads(sizes(...giant), scheme)).toBe(16);
  });

  test.each([
    [128, 6, 512], // 4 heads in the model that comes with the page, though 128 / 64 is 2
    [768, 6, 3072],
    [768, 12, 1536],
    [64, 2, 256],
  ])("%i wide, %i layers, %i within: nobody knows", (...unpublished) => {
    expect(guessHeads(sizes(...unpublished), scheme)).toBeNull();
  });
});

test.each(bare)("under the names of $title, which publish bare files, the width tells", (scheme) => {
  expect(guessHeads(sizes(128, 2, 256), scheme)).toBe(2);
  expect(guessHeads(sizes(1280, 2, 256), scheme)).toBe(16);
  expect(guessHeads(sizes(48, 12, 192), scheme)).toBeNull();
});
