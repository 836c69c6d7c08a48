import { describe, expect, test } from "vitest";
import { augment } from "../../../datasets/augment/augment.ts";
import { jitterColours } from "../../../datasets/augment/colour-jitter.ts";
import { drawPasted } from "../../../datasets/augment/cutmix.ts";
import type { BoxRange } from "../../../datasets/augment/draw-box.ts";
import { drawCrop } from "../../../datasets/augment/draw-crop.ts";
import { drawErased } from "../../../datasets/augment/erase.ts";
import { GOLDEN_DRAWS, goldenChanges, rectangle, scripted } from "./golden.ts";

const sizeOf = ([width, height]: readonly number[]) => ({ width: width!, height: height! });
const rangeOf = ({ scale, ratio }: { scale: number[]; ratio: number[] }) => ({ scale, ratio }) as unknown as BoxRange;

describe("with the same draws, the same comes out as of torchvision's", () => {
  test.each(goldenChanges("jitter"))("ColorJitter: %s", (_, { source, expected, rest }) => {
    const { range, draws } = GOLDEN_DRAWS.jitter[Number(rest)]!;
    const [brightness, contrast, saturation, hue] = range as [number, number, number, number];
    const random = scripted(draws);
    expect(jitterColours(source, { brightness, contrast, saturation, hue }, random)).toEqual(expected);
    expect(random.left()).toBe(0);
  });

  test.each(goldenChanges("crop"))("RandomResizedCrop: %s", (_, { source, expected, rest }) => {
    const { size, draws, ...range } = GOLDEN_DRAWS.crop[Number(rest)]!;
    const random = scripted([...draws, 0.9, 0.9]); // not flipped, not erased
    const recipe = { crop: rangeOf(range), flip: 0.5, jitter: null, trivial: false, erase: 0 };
    expect(augment(source, recipe, random, sizeOf(size))).toEqual(expected);
    expect(random.left()).toBe(0);
  });

  test.each(GOLDEN_DRAWS.cropBox)("RandomResizedCrop.get_params: $size, $scale, $ratio, $box", (golden) => {
    const random = scripted(golden.draws);
    expect(drawCrop(sizeOf(golden.size), rangeOf(golden), random)).toEqual(rectangle(golden.box));
    expect(random.left()).toBe(0);
  });

  test.each(GOLDEN_DRAWS.erasedBox)("RandomErasing.get_params: $size, $scale, $ratio, $box", (golden) => {
    const random = scripted(golden.draws);
    const expected = golden.box && rectangle(golden.box);
    expect(drawErased(sizeOf(golden.size), random, rangeOf(golden))).toEqual(expected);
    expect(random.left()).toBe(0);
  });
});

test.each(GOLDEN_DRAWS.pastedBox)("CutMix pastes the box of its authors' code: $size, $lambda, $box", (golden) => {
  const box = drawPasted(sizeOf(golden.size), golden.lambda, scripted(golden.draws));
  expect(box).toEqual(rectangle(golden.box));
});
