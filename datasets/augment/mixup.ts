import type { Random } from "../../worker/contract/random.ts";
import { drawBeta } from "./draw-beta.ts";
import { checkBatch, type LabelledBatch, type MixedBatch, mixTargets, partnerOf } from "./mix-targets.ts";

/**
 * Mixup (Zhang et al., https://arxiv.org/abs/1710.09412): every picture laid over another, with one λ from
 * Beta(α, α) for the batch, and its target as much. New arrays. Throws `input-shape`, `invalid-argument`.
 */
export function mixUp(batch: LabelledBatch, alpha: number, random: Random): MixedBatch {
  checkBatch(batch);
  const own = drawBeta(alpha, random);
  const { shape, pixels } = batch;
  const length = pixels.length / shape[0];
  const mixed = new Float32Array(pixels.length);
  for (let at = 0; at < shape[0]; at++) {
    const partner = partnerOf(at, shape[0], length);
    for (let i = 0; i < length; i++)
      mixed[at * length + i] = own * pixels[at * length + i]! + (1 - own) * pixels[partner + i]!;
  }
  return { shape, pixels: mixed, targets: mixTargets(batch, own), own };
}
