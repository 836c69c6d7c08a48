import {
  gather,
  split,
  stack,
  tensor,
  tensor1d,
  transpose,
  unstack,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { attendBetween } from "../../../worker/layers/attend-by-score.ts";
import { causalMask } from "../../../worker/layers/causal-mask.ts";
import { decode } from "../../../worker/layers/decoder-block.ts";
import type { Linear } from "../../../worker/layers/linear.ts";
import { projectKeysAndValues } from "../../../worker/layers/multi-head-attention.ts";
import { paddingMask } from "../../../worker/layers/padding-mask.ts";
import { encodePostNorm } from "../../../worker/layers/post-norm-block.ts";
import { GATE_COUNTS, type CellKind } from "../../../worker/layers/recurrent-cell.ts";
import { runRecurrent } from "../../../worker/layers/run-recurrent.ts";
import type { Score } from "../../../worker/layers/score.ts";
import { convolveSequence } from "../../../worker/layers/sequence-convolution.ts";
import { embedTokens } from "../../../worker/layers/token-embedding.ts";
import { dense, denseOf, heads, norm, normOf, type DifferentiableCase, type Named } from "./layer-cases.ts";

const D = 4;
const attention = (name = "") =>
  Object.assign({}, ...["query", "key", "value", "output"].map((part) => dense(name + part, D, D))) as Record<
    string,
    number[]
  >;
const feeding = { ...dense("expand", D, 6), ...dense("contract", 6, D) };
const fed = (all: Named) => ({
  expand: denseOf(all, "expand"),
  activation: "silu" as const,
  contract: denseOf(all, "contract"),
});

/** A cell over three rows of four tokens, two of them shorter; outputs, and what is left behind them. */
const recurrent = (kind: CellKind, backwards: boolean, bias = true): DifferentiableCase => {
  const gates = GATE_COUNTS[kind] * D;
  return {
    shapes: {
      sequence: [3, 4, 2],
      ...dense("input", 2, gates),
      "recurrent.kernel": [D, gates],
      ...(bias && { "recurrent.bias": [gates] }),
      hidden: [3, D],
      ...(kind === "lstm" && { cell: [3, D] }),
    },
    run(all) {
      const layer: Linear = {
        kernel: all["recurrent.kernel"] as Tensor2D,
        bias: (all["recurrent.bias"] as Tensor1D | undefined) ?? null,
      };
      const start = { hidden: all.hidden as Tensor2D, ...(all.cell && { cell: all.cell as Tensor2D }) };
      const { outputs, state } = runRecurrent(
        { kind, input: denseOf(all, "input"), recurrent: layer },
        all.sequence as Tensor3D,
        { start, lengths: [4, 1, 3], backwards },
      );
      return [outputs, state.hidden, ...(state.cell ? [state.cell] : [])];
    },
  };
};

const scored = (shapes: Record<string, number[]>, scoreOf: (all: Named) => Score): DifferentiableCase => ({
  shapes: {
    asking: [2, 3, D],
    asked: [2, 4, 3],
    ...dense("query", D, D),
    ...dense("key", 3, D),
    ...dense("value", 3, 2),
    ...shapes,
  },
  run(all) {
    const layer = {
      query: denseOf(all, "query"),
      key: denseOf(all, "key"),
      value: denseOf(all, "value"),
      score: scoreOf(all),
    };
    const { context, weights } = attendBetween(
      layer,
      all.asking as Tensor3D,
      all.asked as Tensor3D,
      paddingMask([2, 4], 4),
    );
    return [context, weights];
  },
});

const matrix = (all: Named, name: string): Linear => ({ kernel: all[name] as Tensor2D, bias: null });

/** Layers of sequences, and the kernels below them, from every side. */
export const SEQUENCE_LAYERS: Readonly<Record<string, DifferentiableCase>> = {
  "plain recurrent network": recurrent("rnn", false),
  "plain recurrent network, backwards": recurrent("rnn", true),
  GRU: recurrent("gru", false),
  "GRU, backwards": recurrent("gru", true),
  LSTM: recurrent("lstm", false),
  "LSTM, backwards": recurrent("lstm", true),
  "LSTM without a recurrent bias": recurrent("lstm", false, false),
  "attention by dot product": scored({}, () => ({ kind: "dot" })),
  "attention by scaled dot product": scored({}, () => ({ kind: "scaled-dot" })),
  "attention by general score": scored({ general: [D, D] }, (all) => ({
    kind: "general",
    query: matrix(all, "general"),
  })),
  "attention by additive score": scored({ asks: [D, 3], told: [D, 3], score: [3, 1] }, (all) => ({
    kind: "additive",
    query: matrix(all, "asks"),
    key: matrix(all, "told"),
    score: matrix(all, "score"),
  })),
  "post-norm encoder block": {
    shapes: { tokens: [2, 3, D], ...attention(), ...feeding, ...norm("self", D), ...norm("feed", D) },
    run(all) {
      const block = {
        selfAttention: heads(all),
        selfNorm: normOf(all, "self"),
        feedForward: fed(all),
        feedNorm: normOf(all, "feed"),
      };
      return [encodePostNorm(block, all.tokens as Tensor3D, paddingMask([3, 2], 3)).tokens];
    },
  },
  "decoder block": {
    shapes: {
      tokens: [2, 3, D],
      memory: [2, 2, D],
      ...attention(),
      ...attention("cross."),
      ...feeding,
      ...norm("self", D),
      ...norm("cross", D),
      ...norm("feed", D),
    },
    run(all) {
      const below = Object.fromEntries(
        Object.entries(all)
          .filter(([name]) => name.startsWith("cross."))
          .map(([name, held]) => [name.slice(6), held]),
      );
      const crossAttention = heads(below);
      const block = {
        normOrder: "post" as const,
        selfNorm: normOf(all, "self"),
        selfAttention: heads(all),
        crossNorm: normOf(all, "cross"),
        crossAttention,
        feedNorm: normOf(all, "feed"),
        feedForward: fed(all),
      };
      const memory = projectKeysAndValues(crossAttention, all.memory as Tensor3D);
      const around = { written: null, memory, mask: causalMask(3, 0), memoryMask: paddingMask([1, 2], 2) };
      const { tokens, attention: looked } = decode(block, all.tokens as Tensor3D, around);
      return [tokens, looked];
    },
  },
  "convolution over a sequence": {
    shapes: { sequence: [2, 5, 3], kernel: [3, 3, 2], bias: [2] },
    run: (all) => [
      convolveSequence({ kernel: all.kernel as Tensor3D, bias: all.bias as Tensor1D }, all.sequence as Tensor3D),
    ],
  },
  "token embedding": {
    shapes: { embedding: [3, 5] },
    run: ({ embedding }) => [embedTokens(embedding as Tensor2D, tensor([4, 0, 4, 2], [2, 2], "int32"))],
  },
  "rows chosen along any axis": {
    shapes: { x: [3, 4, 2] },
    run({ x }) {
      const rows = tensor1d([2, 0, 2], "int32");
      return [gather(x!, rows), gather(x!, rows, 1), gather(x!, tensor1d([1, 1], "int32"), -1)];
    },
  },
  "a part, and parts that nothing depends on": {
    shapes: { x: [3, 6, 2] },
    run({ x }) {
      const [, middle] = split(x!, [1, 3, 2], 1) as [Tensor, Tensor, Tensor];
      const [first, , last] = unstack(x!) as [Tensor, Tensor, Tensor];
      const [left] = unstack(x!, -1) as [Tensor, Tensor];
      return [middle, first, last, left];
    },
  },
  "parts put together along any axis": {
    shapes: { a: [3, 2], b: [3, 2] },
    run: ({ a, b }) => [stack([a!, b!, a!]), stack([a!, b!], 1), stack([b!, a!], -1)],
  },
  "axes in another order": {
    shapes: { x: [2, 3, 1, 4], y: [2, 3, 2, 2, 2] },
    run: ({ x, y }) => [transpose(x!, [0, 2, 1, 3]), transpose(x!, [3, 1, 0, 2]), transpose(y!, [4, 2, 0, 1, 3])],
  },
};
