import { beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../../worker/contract/random.ts";
import { startKernels, type Kernels } from "../../../../worker/kernels/wasm/kernels.ts";
import { LinearMemory } from "../../../../worker/kernels/wasm/linear-memory.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { ONE_THREAD } from "./builds.ts";

/** What only these tests call by itself. */
type TestedKernels = Kernels & {
  exponentialOf(values: number, count: number): void;
  errorFunctionOf(values: number, count: number): void;
  softmaxRows(rows: number, width: number, from: number, stride: number): void;
  sumQuarters(
    rows: number,
    depth: number,
    a: number,
    aStride: number,
    sums: number,
    sumStride: number,
    sumBytes: number,
  ): void;
  productBySums(
    a: number,
    aStride: number,
    rows: number,
    depth: number,
    sums: number,
    sumStride: number,
    sumBytes: number,
    b: number,
    columns: number,
    bias: number,
    activation: number,
    c: number,
    cStride: number,
    scratch: number,
  ): void;
};

/** erf in float64: 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms are all of one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const GELU_TANH = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const ACTIVATIONS: readonly (readonly [string, number, (x: number) => number])[] = [
  ["none", 0, (x) => x],
  ["GELU", 1, (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))],
  ["GELU by tanh", 2, GELU_TANH],
  ["ReLU", 3, (x) => Math.max(x, 0)],
  ["SiLU", 4, (x) => x / (1 + Math.exp(-x))],
];

/** Whole float32 values from one end to the other. */
const between = (from: number, to: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

const noise = (count: number, seed: number): Float32Array => {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random() - 0.5);
};

describe.each(ONE_THREAD)("kernels of the build $name", ({ module }) => {
  let kernels: TestedKernels;
  let memory: LinearMemory;
  beforeAll(async () => {
    memory = new LinearMemory(null);
    kernels = (await startKernels(module, memory.memory)) as TestedKernels;
  });

  const put = (values: Float32Array): number => {
    const address = memory.take(values.length * 4);
    memory.floats(address, values.length).set(values);
    return address;
  };
  const apply = (kernel: "exponentialOf" | "errorFunctionOf", values: Float32Array): Float32Array => {
    const address = put(values);
    kernels[kernel](address, values.length);
    return memory.floats(address, values.length).slice();
  };

  test("exp over its whole range, relative to float64", () => {
    const inputs = between(-87, 88.7, 400_000);
    const ratios = apply("exponentialOf", inputs).map((value, i) => value / Math.exp(inputs[i]!) - 1);
    expect(maxDifference(ratios, new Float32Array(ratios.length))).toBeLessThan(3e-7);
    const ends = apply("exponentialOf", Float32Array.of(0, -200, -Infinity, NaN));
    expect(ends[0]).toBe(1);
    expect(ends[1]).toBeLessThan(1e-37);
    expect(ends[2]).toBeLessThan(1e-37);
    expect(ends[3]).toBeNaN();
  });

  test("erf over its whole range, to 1e-7", () => {
    const inputs = between(-8, 8, 400_000);
    expect(maxDifference(apply("errorFunctionOf", inputs), Array.from(inputs, erf))).toBeLessThan(1e-7);
    expect(apply("errorFunctionOf", Float32Array.of(0, 1e-30, -Infinity, Infinity))).toEqual(
      Float32Array.of(0, 0, -1, 1),
    );
  });

  test("rows of a softmax sum to 1, however large the scores", () => {
    const width = 203;
    const stride = 208;
    const scores = noise(5 * stride, 1).map((value, i) => value * [1, 30, 1e4, 1e-6, 3e38][Math.floor(i / stride)]!);
    const address = put(scores);
    kernels.softmaxRows(5, width, address, stride * 4);
    const weights = memory.floats(address, 5 * stride);
    for (let row = 0; row < 5; row++) {
      const wanted = softmax([...scores.subarray(row * stride, row * stride + width)]);
      const got = weights.subarray(row * stride, row * stride + width);
      expect(maxDifference(got, wanted)).toBeLessThan(1e-6);
      expect(got.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  test.each([4, 20, 192, 1024])("norms rows of %i whose mean is a thousand times their deviation", (width) => {
    const rows = 3;
    const values = noise(rows * width, width).map((value) => 1000 * Math.sqrt(1 / 12) + value);
    const scale = noise(width, 2);
    const shift = noise(width, 3);
    const to = memory.take(rows * width * 4);
    const stride = width * 4;
    kernels.normRows(rows, width, 1e-12, put(scale), put(shift), put(values), stride, to, stride);
    const got = memory.floats(to, rows * width).slice();
    const wanted = Array.from({ length: rows }, (_, row) => [...values.subarray(row * width, (row + 1) * width)])
      .map((row) => normed(row, 1e-12))
      .flatMap((row) => row.map((value, i) => value * scale[i]! + shift[i]!));
    expect(maxDifference(got, wanted)).toBeLessThan(1e-4 / 4);
  });

  test("the mean of rows with a large common part", () => {
    const values = noise(1025 * 8, 5).map((value) => value + 1000);
    const to = memory.take(32);
    kernels.meanRow(1025, 8, put(values), 32, 1025, to);
    const wanted = Array.from({ length: 8 }, (_, i) =>
      values.filter((_, at) => at % 8 === i).reduce((a, b) => a + b, 0),
    );
    expect(
      maxDifference(
        memory.floats(to, 8),
        wanted.map((sum) => Math.fround(sum / 1025)),
      ),
    ).toBe(0);
  });

  describe.each(ACTIVATIONS)("products, activation: %s", (_, activation, activate) => {
    test.each([
      [1, 1, 1],
      [2, 5, 3],
      [3, 8, 8],
      [4, 33, 9],
      [5, 6, 8],
      [6, 7, 16],
      [7, 4, 31],
      [13, 130, 17],
      [23, 9, 8],
    ])("%i × %i × %i", (rows, depth, columns) => {
      const wide = Math.ceil(columns / 8) * 8;
      const a = noise(rows * (depth + 3), 7).map((value) => value * 4); // three floats of a row belong to nobody
      const weights = noise(columns * depth, 8);
      const bias = noise(wide, 9);
      const residual = noise(rows * wide, 10);
      const packed = memory.take(depth * wide * 4);
      kernels.packRows(put(weights), depth * 4, columns, depth, packed);
      const to = memory.take(rows * wide * 4);
      const stride = (depth + 3) * 4;
      const behind = put(residual);
      const [first, added] = [put(a), put(bias)];
      kernels.product(first, stride, rows, depth, packed, columns, added, activation, behind, to, wide * 4);
      const got = memory.floats(to, rows * wide);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = bias[column]!;
          for (let k = 0; k < depth; k++) sum += a[row * (depth + 3) + k]! * weights[column * depth + k]!;
          const wanted = activate(sum + residual[row * wide + column]!);
          expect(Math.abs(got[row * wide + column]! - wanted)).toBeLessThan(1e-5);
        }
      }
    });

    test.each([
      [1, 8, 16],
      [2, 16, 17],
      [3, 8, 8],
      [12, 24, 32],
      [13, 136, 27],
      [65, 40, 48],
    ])("%i × %i × %i by seven products for eight", (rows, depth, columns) => {
      const wide = Math.ceil(columns / 8) * 8;
      const stride = (depth + 4) * 4; // four floats of a row belong to nobody
      const a = noise((rows * stride) / 4, 7).map((value) => value * 4);
      const weights = noise(columns * depth, 8);
      const bias = noise(wide, 9);
      const packed = memory.take(depth * wide * 4);
      kernels.packRows(put(weights), depth * 4, columns, depth, packed);
      const [from, added] = [put(a), put(bias)];
      const pairs = Math.ceil(rows / 2);
      const sumStride = depth * 2 + 16;
      const sumBytes = pairs * sumStride;
      const sums = memory.take(4 * sumBytes);
      const to = memory.take(rows * wide * 4);
      const scratch = memory.take(64 * (depth + 2 * pairs));
      const behind = put(Float32Array.of(7));
      kernels.sumQuarters(rows, depth, from, stride, sums, sumStride, sumBytes);
      const quarters = [sums, sumStride, sumBytes] as const;
      const out = [activation, to, wide * 4, scratch] as const;
      kernels.productBySums(from, stride, rows, depth, ...quarters, packed, columns, added, ...out);
      const got = memory.floats(to, rows * wide);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = bias[column]!;
          for (let k = 0; k < depth; k++) sum += a[(row * stride) / 4 + k]! * weights[column * depth + k]!;
          expect(Math.abs(got[row * wide + column]! - activate(sum))).toBeLessThan(1e-5);
        }
      }
      expect(memory.floats(behind, 1)[0]).toBe(7);
    });
  });
});

function softmax(scores: readonly number[]): number[] {
  const peak = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - peak));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function normed(row: readonly number[], epsilon: number): number[] {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
}
