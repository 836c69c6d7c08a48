import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { activate } from "../../../worker/layers/activate.ts";
import { attend } from "../../../worker/layers/attention.ts";
import { convolve } from "../../../worker/layers/conv2d.ts";
import { encode } from "../../../worker/layers/encoder-block.ts";
import { feedForward } from "../../../worker/layers/feed-forward.ts";
import { averageOverMap } from "../../../worker/layers/global-average-pool.ts";
import { layerNorm } from "../../../worker/layers/layer-norm.ts";
import { linear, type Linear } from "../../../worker/layers/linear.ts";
import { selfAttend } from "../../../worker/layers/multi-head-attention.ts";
import { embedPatches } from "../../../worker/layers/patch-embedding.ts";
import { convolveBlock } from "../../../worker/layers/residual-block.ts";
import { attendOverMap } from "../../../worker/layers/spatial-self-attention.ts";

/** A function of named tensors, and the shapes to try it with. */
export type DifferentiableCase = {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly run: (named: Readonly<Record<string, Tensor>>) => readonly Tensor[];
};

/** Tensors of a case by name; some cases leave one out. */
export type Named = Readonly<Record<string, Tensor>>;

export const dense = (name: string, from: number, to: number) => ({
  [`${name}.kernel`]: [from, to],
  [`${name}.bias`]: [to],
});
export const denseOf = (all: Named, name: string): Linear => ({
  kernel: all[`${name}.kernel`] as Tensor2D,
  bias: all[`${name}.bias`] as Tensor1D,
});
export const norm = (name: string, width: number) => ({ [`${name}.scale`]: [width], [`${name}.shift`]: [width] });
export const normOf = (all: Named, name: string) => ({
  scale: all[`${name}.scale`] as Tensor1D,
  shift: all[`${name}.shift`] as Tensor1D,
  epsilon: 1e-6,
});
export const heads = (all: Named) => ({
  heads: 2,
  query: denseOf(all, "query"),
  key: denseOf(all, "key"),
  value: denseOf(all, "value"),
  output: denseOf(all, "output"),
});
const fed = (all: Named) => ({
  expand: denseOf(all, "expand"),
  activation: "gelu" as const,
  contract: denseOf(all, "contract"),
});
const convolution = (all: Named, name: string, stride: number) => ({
  kernel: all[`${name}.kernel`] as Tensor4D,
  bias: (all[`${name}.bias`] as Tensor1D | undefined) ?? null,
  stride,
});

const D = 4; // width of the tokens
const attention = { ...dense("query", D, D), ...dense("key", D, D), ...dense("value", D, D), ...dense("output", D, D) };
const feeding = { ...dense("expand", D, 6), ...dense("contract", 6, D) };

const strided = (height: number, width: number, size: number, stride: number): DifferentiableCase => ({
  shapes: { map: [2, height, width, 3], "conv.kernel": [size, size, 3, 2], "conv.bias": [2] },
  run: (all) => [convolve(convolution(all, "conv", stride), all.map as Tensor4D)],
});

/** Every layer, by its name. */
export const LAYERS: Readonly<Record<string, DifferentiableCase>> = {
  linear: {
    shapes: { tokens: [2, 3, D], ...dense("linear", D, 5) },
    run: (all) => [linear(denseOf(all, "linear"), all.tokens as Tensor3D)],
  },
  "layer norm": {
    shapes: { tokens: [2, 3, D], ...norm("norm", D) },
    run: (all) => [layerNorm(normOf(all, "norm"), all.tokens!)],
  },
  gelu: { shapes: { x: [3, 7] }, run: ({ x }) => [activate("gelu", x!)] },
  "gelu-tanh": { shapes: { x: [3, 7] }, run: ({ x }) => [activate("gelu-tanh", x!)] },
  silu: { shapes: { x: [3, 7] }, run: ({ x }) => [activate("silu", x!)] },
  attention: {
    shapes: { query: [2, 2, 3, D], key: [2, 2, 5, D], value: [2, 2, 5, 3] },
    run({ query, key, value }) {
      const { mixed, weights } = attend(query as Tensor4D, key as Tensor4D, value as Tensor4D);
      return [mixed, weights];
    },
  },
  "multi-head attention": {
    shapes: { tokens: [2, 3, D], ...attention },
    run(all) {
      const { mixed, weights } = selfAttend(heads(all), all.tokens as Tensor3D);
      return [mixed, weights];
    },
  },
  "feed forward": {
    shapes: { tokens: [2, 3, D], ...feeding },
    run: (all) => [feedForward(fed(all), all.tokens as Tensor3D)],
  },
  "encoder block": {
    shapes: { tokens: [2, 3, D], ...attention, ...feeding, ...norm("before", D), ...norm("after", D) },
    run(all) {
      const block = { normBefore: normOf(all, "before"), normAfter: normOf(all, "after") };
      return [encode({ ...block, attention: heads(all), feedForward: fed(all) }, all.tokens as Tensor3D).tokens];
    },
  },
  "patch embedding": {
    shapes: { image: [2, 5, 4, 2], ...dense("projection", 8, D) },
    run(all) {
      const embedding = { patchSize: { width: 2, height: 2 }, projection: denseOf(all, "projection") };
      return [embedPatches(embedding, all.image as Tensor4D)];
    },
  },
  "convolution, 3 × 3": strided(4, 5, 3, 1),
  "convolution, 3 × 3, stride 2, even map": strided(6, 4, 3, 2),
  "convolution, 3 × 3, stride 2, odd map": strided(5, 7, 3, 2),
  "convolution, 1 × 1, stride 2": strided(6, 5, 1, 2),
  "convolution, 5 × 5, stride 3": strided(9, 8, 5, 3),
  "residual block": {
    shapes: {
      map: [2, 4, 4, 2],
      "first.kernel": [3, 3, 2, 3],
      "first.bias": [3],
      "second.kernel": [3, 3, 3, 3],
      "shortcut.kernel": [1, 1, 2, 3],
    },
    run(all) {
      const [first, second, shortcut] = [
        convolution(all, "first", 2),
        convolution(all, "second", 1),
        convolution(all, "shortcut", 2),
      ];
      return [convolveBlock({ first, second, shortcut, activation: "silu" }, all.map as Tensor4D)];
    },
  },
  "self-attention over a map": {
    shapes: {
      map: [2, 2, 3, 3],
      ...dense("query", 3, 2),
      ...dense("key", 3, 2),
      ...dense("value", 3, 2),
      ...dense("output", 2, 3),
      gamma: [1],
    },
    run(all) {
      const layer = { ...heads(all), gamma: all.gamma as Tensor1D, scaled: true };
      const { mixed, weights } = attendOverMap(layer, all.map as Tensor4D);
      return [mixed, weights];
    },
  },
  "average over a map": { shapes: { map: [2, 3, 4, 2] }, run: (all) => [averageOverMap(all.map as Tensor4D)] },
};
