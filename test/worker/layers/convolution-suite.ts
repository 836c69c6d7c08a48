import { memory, tensor1d, tensor4d } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { convolve } from "../../../worker/layers/conv2d.ts";
import { convolvedLength } from "../../../worker/layers/convolved-length.ts";
import { averageOverMap } from "../../../worker/layers/global-average-pool.ts";
import { convolveBlock } from "../../../worker/layers/residual-block.ts";
import { maxDifference } from "../../setup/golden.ts";

/** A fixed sequence of numbers in [-1, 1], the same on every backend. */
const numbers = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * step));

type Measures = { height: number; width: number; inputs: number; outputs: number; size: number; stride: number };

/** Every output pixel by its definition, in float64; outside the map there are zeros. Batch of 1. */
function convolveByDefinition(measures: Measures, map: number[], kernel: number[], bias: number[]): number[] {
  const { height, width, inputs, outputs, size, stride } = measures;
  const at = (y: number, x: number, channel: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : map[(y * width + x) * inputs + channel]!;
  const result: number[] = [];
  const margin = (size - 1) / 2;
  for (let y = 0; y < height; y += stride) {
    for (let x = 0; x < width; x += stride) {
      for (let out = 0; out < outputs; out++) {
        let sum = bias[out]!;
        for (let weight = out; weight < kernel.length; weight += outputs) {
          const input = Math.floor(weight / outputs); // (row · size + column) · inputs + channel
          const tap = Math.floor(input / inputs);
          const [row, column] = [y + Math.floor(tap / size) - margin, x + (tap % size) - margin];
          sum += at(row, column, input % inputs) * kernel[weight]!;
        }
        result.push(sum);
      }
    }
  }
  return result;
}

/** Convolutions and what stands around them, against their definitions, on whatever backend is in use. */
export function describeConvolutions(tolerance: number): void {
  describe("convolution", () => {
    test.each([
      { height: 4, width: 5, inputs: 3, outputs: 2, size: 3, stride: 1 },
      { height: 6, width: 4, inputs: 2, outputs: 5, size: 3, stride: 2 }, // even: TensorFlow's "same" differs
      { height: 5, width: 7, inputs: 2, outputs: 3, size: 3, stride: 2 },
      { height: 6, width: 5, inputs: 4, outputs: 3, size: 1, stride: 1 },
      { height: 6, width: 5, inputs: 4, outputs: 3, size: 1, stride: 2 },
      { height: 7, width: 6, inputs: 1, outputs: 2, size: 5, stride: 2 },
    ])("$height × $width, kernel $size, stride $stride, is centred on every stride-th pixel", async (measures) => {
      const { height, width, inputs, outputs, size, stride } = measures;
      const map = numbers(height * width * inputs, 1.1);
      const kernel = numbers(size * size * inputs * outputs, 0.7);
      const bias = numbers(outputs, 2);
      const layer = { kernel: tensor4d(kernel, [size, size, inputs, outputs]), bias: tensor1d(bias), stride };
      const answer = convolve(layer, tensor4d(map, [1, height, width, inputs]));
      const [rows, columns] = [height, width].map((length) => convolvedLength(length, size, stride));
      expect(answer.shape).toEqual([1, rows, columns, outputs]);
      const expected = convolveByDefinition(measures, map, kernel, bias);
      expect(maxDifference(await answer.data(), expected)).toBeLessThanOrEqual(tolerance);
    });

    test("refuses a map of other channels", () => {
      const layer = { kernel: tensor4d(numbers(8, 1), [1, 1, 4, 2]), bias: null, stride: 1 };
      expect(() => convolve(layer, tensor4d(numbers(12, 1), [1, 2, 2, 3]))).toThrow(
        "convolution input: expected [*, *, *, 4], got [1, 2, 2, 3]",
      );
    });
  });

  test("the average is over positions, for each picture and channel", async () => {
    const map = tensor4d([1, 10, 2, 20, 3, 30, 6, 60, 5, 0, 5, 0, 5, 0, 5, 2], [2, 2, 2, 2]);
    expect([...(await averageOverMap(map).data())]).toEqual([3, 30, 5, 0.5]);
  });

  describe("residual block", () => {
    const zero = () => ({ kernel: tensor4d(new Array<number>(36).fill(0), [3, 3, 2, 2]), bias: null, stride: 1 });
    const map = [1, -2, 3, -4, 0.5, 6, -7, 8];

    test("whose second convolution is zero is its activation alone", async () => {
      const block = { first: zero(), second: zero(), shortcut: null, activation: "relu" } as const;
      const before = memory().numTensors;
      const answer = convolveBlock(block, tensor4d(map, [1, 2, 2, 2]));
      expect(memory().numTensors - before).toBe(2); // the map and the answer
      expect(
        maxDifference(
          await answer.data(),
          map.map((x) => Math.max(x, 0)),
        ),
      ).toBe(0);
    });

    test("passes the map through its shortcut where it has one", async () => {
      const swap = { kernel: tensor4d([0, 1, 1, 0], [1, 1, 2, 2]), bias: null, stride: 1 }; // the two channels
      const block = { first: zero(), second: zero(), shortcut: swap, activation: "relu" } as const;
      const answer = await convolveBlock(block, tensor4d(map, [1, 2, 2, 2])).data();
      expect(maxDifference(answer, [0, 1, 0, 3, 6, 0.5, 8, 0])).toBe(0);
    });
  });
}
