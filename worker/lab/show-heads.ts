import { div, mean, sqrt, square, sub, sum, tidy, tile, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { HeadMap, HeadMaps } from "../contract/lab.ts";
import type { Pause } from "../contract/turns.ts";
import type { WeightsHook } from "../layers/attention.ts";
import type { EncoderBlock } from "../layers/encoder-block.ts";
import { layerNorm } from "../layers/layer-norm.ts";
import { selfAttend } from "../layers/multi-head-attention.ts";
import { gridSize, prefixTokens } from "../models/vit/config.ts";
import { vitLogits } from "../models/vit/vit-logits.ts";
import type { Vit } from "../models/vit/vit.ts";
import { readBlock, type ReadBlock } from "./read-block.ts";
import { takeValues } from "../layers/take-values.ts";

type Runs = keyof HeadMaps["answers"];

export type HeadFindings = Omit<HeadMaps, "seen" | "answers"> & {
  readonly logits: Readonly<Record<Runs, Float32Array>>; // [classes] each
};

/**
 * Where each head of a layer looks in one image `[1, height, width, C]`, and what is left of the layer's answer, and of
 * the model's, where one map must do for all of them: the mean, as one head of the same width would have to look.
 */
export async function showHeads(vit: Vit, image: Tensor4D, layer: number, pause: Pause): Promise<HeadFindings> {
  const { weights, average, apart } = compare(await readBlock(vit, image, layer, pause));
  const [, heads, tokens] = weights.shape;
  const maps = await takeValues(weights);
  const logits = async (averaged: (at: number) => boolean): Promise<Float32Array> => {
    await pause();
    return takeValues(vitLogits(vit, image, (at) => (averaged(at) ? { weights: lookAlike } : {})));
  };
  return {
    grid: gridSize(vit.config),
    prefixTokens: prefixTokens(vit.config),
    layers: vit.config.layers,
    heads: Array.from({ length: heads }, (_, head) =>
      measure(maps.slice(head * tokens ** 2, (head + 1) * tokens ** 2), tokens),
    ),
    mean: measure(await takeValues(average), tokens),
    apart: await takeValues(apart),
    logits: {
      trained: await logits(() => false),
      oneMapHere: await logits((at) => at === layer),
      oneMapEverywhere: await logits(() => true),
    },
  };
}

/** weights `[B, H, N, M]` → every head with the mean of them all. */
const lookAlike: WeightsHook = (weights) => tile(mean(weights, 1, true), [1, weights.shape[1], 1, 1]);

/** The block's own attention, and the same with one map for all heads. The caller owns the results; the tokens are gone. */
function compare({ block, tokens }: ReadBlock) {
  const compared = tidy(() => {
    const { mixed, weights, alike } = attendBothWays(block, layerNorm(block.normBefore, tokens));
    const apart = div(lengths(sub(mixed, alike)), lengths(mixed)); // [1, T]
    return { weights, average: mean(weights, 1), apart };
  });
  tokens.dispose();
  return compared;
}

function attendBothWays({ attention }: EncoderBlock, normed: ReadBlock["tokens"]) {
  return { ...selfAttend(attention, normed), alike: selfAttend(attention, normed, lookAlike).mixed };
}

const lengths = (rows: Tensor): Tensor => sqrt(sum(square(rows), -1));

/** weights `[T, T]` */
const measure = (weights: Float32Array, tokens: number): HeadMap => ({
  weights,
  breadth: Float32Array.from({ length: tokens }, (_, row) =>
    Math.exp(
      -weights.subarray(row * tokens, (row + 1) * tokens).reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0),
    ),
  ),
});
