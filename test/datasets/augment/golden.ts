import type { Random } from "../../../worker/contract/random.ts";
import type { Rectangle } from "../../../worker/contract/geometry.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import draws from "../../golden/augment/draws.json" with { type: "json" };
import { readPictures } from "../../worker/image/golden-pictures.ts";

/** Pictures by name: `source.NAME`, and `NAME.KIND.…` for what torchvision made of them. */
export const GOLDEN_PICTURES = readPictures("augment/expected.safetensors");

/** What torchvision drew, and what came of it. Sizes are [width, height], boxes [left, top, width, height]. */
export const GOLDEN_DRAWS = draws;

export type GoldenChange = { readonly source: RgbImage; readonly expected: RgbImage; readonly rest: string };

/** The pictures of one kind: `[name, what was changed, into what, how]`. */
export const goldenChanges = (kind: string): [name: string, GoldenChange][] =>
  [...GOLDEN_PICTURES].flatMap(([name, expected]) => {
    const [source, of, ...rest] = name.split(".") as [string, string];
    if (source === "source" || of !== kind) return [];
    return [[name, { source: GOLDEN_PICTURES.get(`source.${source}`)!, expected, rest: rest.join(".") }]];
  });

/** How many bytes differ; `Infinity` where the sizes do. */
export function differingBytes(got: RgbImage, expected: RgbImage): number {
  if (got.width !== expected.width || got.height !== expected.height) return Infinity;
  return expected.data.reduce((count, value, i) => count + Number(value !== got.data[i]), 0);
}

/** Gives the numbers it was given, one after the other, and throws once they are used up. */
export function scripted(numbers: readonly number[]): Random & { readonly left: () => number } {
  let at = 0;
  const next = (): number => {
    if (at === numbers.length) throw new Error(`only ${numbers.length} numbers were to be drawn`);
    return numbers[at++]!;
  };
  return Object.assign(next, { left: () => numbers.length - at });
}

export const rectangle = ([left, top, width, height]: readonly number[]): Rectangle => ({
  left: left!,
  top: top!,
  width: width!,
  height: height!,
});
