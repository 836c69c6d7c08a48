import { memory, tensor, tensor1d, tensor3d, tensor4d, type Tensor4D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { activate } from "../../../worker/layers/activate.ts";
import type { Activation } from "../../../worker/layers/activation.ts";
import { attend } from "../../../worker/layers/attention.ts";
import { layerNorm } from "../../../worker/layers/layer-norm.ts";
import { cutPatches } from "../../../worker/layers/patch-embedding.ts";
import { maxDifference } from "../../setup/golden.ts";

/** A fixed sequence of numbers in [-1, 1], the same on every backend. */
const numbers = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * step));

/** The error function by its Maclaurin series in float64: 60 terms are exact to 1e-15 for |x| ≤ 3. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const FORMULAS: Record<Activation, (x: number) => number> = {
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  "gelu-tanh": (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
};

/** Layers against their papers' formulas in float64, on whatever backend is in use. */
export function describeLayers(tolerance: number): void {
  test.each(Object.entries(FORMULAS))("%s", async (name, formula) => {
    const values = Array.from({ length: 81 }, (_, i) => -4 + i / 10);
    const answer = await activate(name as Activation, tensor1d(values)).data();
    expect(maxDifference(answer, values.map(formula))).toBeLessThanOrEqual(tolerance);
  });

  test.each([
    ["whose mean is 1,000 times their deviation", [0, 1000, -1000], 1],
    ["whose deviation is small, as an early layer's may be", [0, 0.001, -0.001], 1e-3],
  ])("layer norm keeps its precision on rows %s", async (_, means, deviation) => {
    const width = 48;
    const rows = means.map((mean) => numbers(width, 0.7).map((x) => mean + deviation * x));
    const [scale, shift] = [numbers(width, 0.3), numbers(width, 0.9)];
    const expected = rows.flatMap((row) => {
      const rounded = [...new Float32Array(row)];
      const mean = rounded.reduce((sum, x) => sum + x, 0) / width;
      const variance = rounded.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width;
      return rounded.map((x, i) => ((x - mean) / Math.sqrt(variance + 1e-12)) * scale[i]! + shift[i]!);
    });
    const norm = { scale: tensor1d(scale), shift: tensor1d(shift), epsilon: 1e-12 };
    const answer = await layerNorm(norm, tensor3d(rows.flat(), [1, 3, width])).data();
    expect(maxDifference(answer, expected)).toBeLessThanOrEqual(tolerance);
  });

  test("a constant row is normalised to the shift, not to NaN", async () => {
    const norm = { scale: tensor1d([2, 2]), shift: tensor1d([3, -3]), epsilon: 1e-12 };
    expect([...(await layerNorm(norm, tensor([[5, 5]])).data())]).toEqual([3, -3]);
  });

  describe("attention", () => {
    const [B, H, N, M, d] = [2, 2, 3, 5, 4] as const;
    const query = numbers(B * H * N * d, 1.3);
    const key = numbers(B * H * M * d, 2.1);
    const value = numbers(B * H * M * d, 0.4);

    test("mixes values by the softmax of scaled products, and tells the weights", async () => {
      const before = memory().numTensors;
      const inputs: Tensor4D[] = [
        tensor4d(query, [B, H, N, d]),
        tensor4d(key, [B, H, M, d]),
        tensor4d(value, [B, H, M, d]),
      ];
      const { mixed, weights } = attend(...(inputs as [Tensor4D, Tensor4D, Tensor4D]));
      expect(memory().numTensors - before).toBe(5); // three inputs, two results, nothing else
      const expectedWeights: number[] = [];
      const expectedMixed: number[] = [];
      for (let head = 0; head < B * H; head++) {
        for (let n = 0; n < N; n++) {
          const q = query.slice((head * N + n) * d, (head * N + n + 1) * d);
          const row = (source: number[], m: number) => source.slice((head * M + m) * d, (head * M + m + 1) * d);
          const keys = Array.from({ length: M }, (_, m) => row(key, m));
          const exponents = keys.map((k) => Math.exp(k.reduce((sum, x, i) => sum + x * q[i]!, 0) / Math.sqrt(d)));
          const total = exponents.reduce((sum, x) => sum + x, 0);
          const probabilities = exponents.map((x) => x / total);
          expectedWeights.push(...probabilities);
          for (let i = 0; i < d; i++) {
            expectedMixed.push(probabilities.reduce((sum, p, m) => sum + p * row(value, m)[i]!, 0));
          }
        }
      }
      expect(maxDifference(await weights.data(), expectedWeights)).toBeLessThanOrEqual(tolerance);
      expect(maxDifference(await mixed.data(), expectedMixed)).toBeLessThanOrEqual(tolerance);
    });

    test("refuses keys of another width", () => {
      const wrong = tensor4d(query, [B, H, N, d]);
      expect(() => attend(wrong, tensor4d(numbers(60, 1), [2, 2, 5, 3]), wrong)).toThrow(
        "attention key: expected [2, 2, *, 4], got [2, 2, 5, 3]",
      );
    });
  });

  test("patches are cut row by row, pixels in the order (y, x, channel); a ragged edge is left out", async () => {
    const image = tensor4d(
      Array.from({ length: 3 * 5 * 2 }, (_, i) => i),
      [1, 3, 5, 2],
    );
    const patches = cutPatches(image, { width: 2, height: 1 });
    expect(patches.shape).toEqual([1, 6, 4]);
    expect([...(await patches.data())].slice(0, 12)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13]);
  });
}
