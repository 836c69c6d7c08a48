import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import type { Random } from "../../worker/contract/random.ts";
import { drawBelow } from "../../worker/contract/draw.ts";
import { drawBeta } from "./draw-beta.ts";
import { checkBatch, type LabelledBatch, type MixedBatch, mixTargets, partnerOf } from "./mix-targets.ts";

/**
 * CutMix (Yun et al., https://arxiv.org/abs/1905.04899): into every picture one box of another is pasted, the same box
 * all over the batch, and targets are mixed by the pixels pasted. New arrays. Throws `input-shape`, `invalid-argument`.
 */
export function cutMix(batch: LabelledBatch, alpha: number, random: Random): MixedBatch {
  checkBatch(batch);
  const { shape, pixels } = batch;
  const [count, height, width, channels] = shape;
  const box = drawPasted({ width, height }, drawBeta(alpha, random), random);
  const own = 1 - (box.width * box.height) / (width * height); // not λ: the box was rounded, and cut at the edges
  const mixed = pixels.slice();
  const length = height * width * channels;
  for (let at = 0; at < count; at++) {
    const partner = partnerOf(at, count, length);
    for (let y = box.top; y < box.top + box.height; y++) {
      const from = (y * width + box.left) * channels;
      const row = pixels.subarray(partner + from, partner + from + box.width * channels);
      mixed.set(row, at * length + from);
    }
  }
  return { shape, pixels: mixed, targets: mixTargets(batch, own), own };
}

/** The paper's box: 1 − λ of the picture, of its shape, its middle anywhere; what reaches past the edges is cut. */
export function drawPasted({ width, height }: Size, lambda: number, random: Random): Rectangle {
  const side = Math.sqrt(1 - lambda);
  const [left, right] = drawSpan(width, Math.trunc(width * side), random);
  const [top, bottom] = drawSpan(height, Math.trunc(height * side), random);
  return { left, top, width: right - left, height: bottom - top };
}

function drawSpan(length: number, cut: number, random: Random): [from: number, to: number] {
  const middle = drawBelow(length, random);
  const half = cut >> 1;
  return [Math.max(0, middle - half), Math.min(length, middle + half)];
}
