import {
  memory,
  slice,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  transpose,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { meanOfTokens, tokenAt } from "../../../worker/layers/aggregate-tokens.ts";
import { attendBetween, attendByScore } from "../../../worker/layers/attend-by-score.ts";
import type { Linear } from "../../../worker/layers/linear.ts";
import {
  attendTo,
  projectKeysAndValues,
  type MultiHeadAttention,
} from "../../../worker/layers/multi-head-attention.ts";
import { paddingMask } from "../../../worker/layers/padding-mask.ts";
import type { Score } from "../../../worker/layers/score.ts";
import { convolveSequence } from "../../../worker/layers/sequence-convolution.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";

const place = <T>({ values, shape }: GoldenTensor): T => tensor(values, [...shape]) as T;

/** A dense layer of PyTorch, by the names below `name`; of a packed one the `part`th third. */
function denseOf(golden: ReadonlyMap<string, GoldenTensor>, name: string): Linear {
  return {
    kernel: transpose(place<Tensor2D>(golden.get(`${name}.weight`)!)),
    bias: place(golden.get(`${name}.bias`)!),
  };
}

const numbers = (count: number, step: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * step));

/** Queries of width 4, keys of width 4 or, by the general score, 3. */
const scoreOf = (kind: "dot" | "scaled-dot" | "general"): Score =>
  kind === "general" ? { kind, query: { kernel: tensor2d(numbers(12, 0.7), [4, 3]), bias: null } } : { kind };

/** Attention, masks, 1-D convolution and aggregation of sequences, on whatever backend is in use. */
export function describeAttentionLayers(tolerance: number): void {
  test("an attention layer with matrices of its own answers several queries as PyTorch", async () => {
    const golden = await goldenTensors("seq2seq/layers.safetensors");
    const [query, key, value] = ["query", "key", "value"].map((name) => denseOf(golden, `attention.${name}`)) as [
      Linear,
      Linear,
      Linear,
    ];
    const [asking, asked] = [
      place<Tensor3D>(golden.get("attention.asking")!),
      place<Tensor3D>(golden.get("attention.asked")!),
    ];
    const before = memory().numTensors;
    const looked = attendBetween({ query, key, value, score: { kind: "scaled-dot" } }, asking, asked);
    expect(memory().numTensors - before).toBe(2);
    expect(maxDifference(await looked.weights.data(), golden.get("attention.weights")!.values)).toBeLessThanOrEqual(
      tolerance,
    );
    expect(maxDifference(await looked.context.data(), golden.get("attention.context")!.values)).toBeLessThanOrEqual(
      tolerance,
    );
  });

  test("multi-head attention is PyTorch's", async () => {
    const golden = await goldenTensors("transformer/multi_head_attention.safetensors");
    const packed = golden.get("weights.in_proj_weight")!;
    const bias = golden.get("weights.in_proj_bias")!;
    const width = packed.shape[1]!;
    const third = (part: number): Linear => ({
      kernel: transpose(
        tensor2d(packed.values.slice(part * width * width, (part + 1) * width * width), [width, width]),
      ),
      bias: tensor1d(bias.values.slice(part * width, (part + 1) * width)),
    });
    const layer: MultiHeadAttention = {
      heads: 4,
      query: third(0),
      key: third(1),
      value: third(2),
      output: denseOf(golden, "weights.out_proj"),
    };
    const { keys } = projectKeysAndValues(layer, place(golden.get("key")!));
    const { values } = projectKeysAndValues(layer, place(golden.get("value")!));
    const { mixed, weights } = attendTo(layer, place(golden.get("query")!), { keys, values });
    expect(maxDifference(await mixed.data(), golden.get("output")!.values)).toBeLessThanOrEqual(tolerance);
    expect(maxDifference(await weights.data(), golden.get("attention")!.values)).toBeLessThanOrEqual(tolerance);
  });

  describe("a padding mask", () => {
    test.each(["dot", "scaled-dot", "general"] as const)("%s: hides padding, as if it were not there", async (kind) => {
      const score = scoreOf(kind);
      const [queryWidth, keyWidth] = [4, kind === "general" ? 3 : 4];
      const queries = tensor3d(numbers(2 * 3 * queryWidth, 0.3), [2, 3, queryWidth]);
      const keys = tensor3d(numbers(2 * 5 * keyWidth, 1.1), [2, 5, keyWidth]);
      const lengths = [5, 2];
      const looked = attendByScore(score, queries, keys, keys, paddingMask(lengths, 5));
      for (const [row, length] of lengths.entries()) {
        const real = slice(keys, [row, 0, 0], [1, length, keyWidth]);
        const alone = attendByScore(score, slice(queries, [row, 0, 0], [1, 3, queryWidth]), real, real);
        const [weights] = await slice(looked.weights, [row, 0, 0], [1, 3, 5]).array();
        const [wanted] = await alone.weights.array();
        for (const [query, all] of weights!.entries()) {
          expect(all.slice(length).every((weight) => weight === 0)).toBe(true);
          expect(maxDifference(all.slice(0, length), wanted![query]!)).toBeLessThanOrEqual(tolerance);
        }
        const context = await slice(looked.context, [row, 0, 0], [1, 3, keyWidth]).data();
        expect(maxDifference(context, await alone.context.data())).toBeLessThanOrEqual(tolerance);
      }
    });

    test("is none where nothing is padded", () => {
      expect(paddingMask([3, 3], 3)).toBeNull();
    });
  });

  test("a 1-D convolution over a sequence is PyTorch's", async () => {
    const golden = await goldenTensors("seq2seq/layers.safetensors");
    const kernel = transpose<Tensor3D>(place<Tensor3D>(golden.get("convolution.weight")!), [2, 1, 0]); // [k, in, out]
    const convolution = { kernel, bias: tensor1d(golden.get("convolution.bias")!.values) };
    const input = place<Tensor3D>(golden.get("convolution.input")!);
    const before = memory().numTensors;
    const output = convolveSequence(convolution, input);
    expect(memory().numTensors - before).toBe(1);
    expect(output.shape).toEqual(golden.get("convolution.output")!.shape);
    expect(maxDifference(await output.data(), golden.get("convolution.output")!.values)).toBeLessThanOrEqual(tolerance);
    expect(() => convolveSequence(convolution, tensor3d([1, 2], [1, 2, 1]))).toThrow(
      "expected [*, *, 3], got [1, 2, 1]",
    );
  });

  test("tokens are gathered to one: the class token's state, or the mean of those behind the prefix", async () => {
    const tokens = tensor3d([1, 2, 10, 20, 30, 40, 5, 6, 50, 60, 70, 80], [2, 3, 2]);
    expect(await tokenAt(tokens, 0).array()).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(await meanOfTokens(tokens, 1).array()).toEqual([
      [20, 30],
      [60, 70],
    ]);
  });
}
