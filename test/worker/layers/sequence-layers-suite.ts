import { dispose, memory, slice, tensor1d, tensor2d, tensor4d, transpose, type Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { attend } from "../../../worker/layers/attention.ts";
import { causalMask } from "../../../worker/layers/causal-mask.ts";
import type { Linear } from "../../../worker/layers/linear.ts";
import { stepLstm, type LstmState } from "../../../worker/layers/lstm-cell.ts";
import { embedTokens } from "../../../worker/layers/token-embedding.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";

/** Weights of `nn.LSTM`: one layer in one direction, as `weight_ih_l0`, `weight_ih_l0_reverse`. */
function lstmOf(golden: ReadonlyMap<string, GoldenTensor>, name: string) {
  const linear = (part: string): Linear => {
    const { values, shape } = golden.get(`weights.weight_${part}_${name}`)!;
    const weight = tensor2d(values, shape as Tensor2D["shape"]);
    return { kernel: transpose(weight), bias: tensor1d(golden.get(`weights.bias_${part}_${name}`)!.values) };
  };
  return { input: linear("ih"), recurrent: linear("hh") };
}

/** Layers of decoders, on whatever backend is in use. */
export function describeSequenceLayers(tolerance: number): void {
  describe("LSTM cell", () => {
    test.each([
      ["forwards", "l0", 0],
      ["backwards", "l0_reverse", 1],
    ])("a sequence %s ends as in PyTorch", async (_, name, direction) => {
      const golden = await goldenTensors("recurrent/lstm.safetensors");
      const { values, shape } = golden.get("input")!; // [T, B, in]
      const [count, batch, width] = shape as [number, number, number];
      const size = batch * width;
      const inputs = Array.from({ length: count }, (__, at) => values.slice(at * size, (at + 1) * size));
      const cell = lstmOf(golden, name);
      const hiddenSize = cell.recurrent.kernel.shape[0];
      const zeros = () => tensor2d(new Float32Array(batch * hiddenSize), [batch, hiddenSize]);
      let state: LstmState = { hidden: zeros(), cell: zeros() };
      for (const input of direction === 0 ? inputs : inputs.reverse()) {
        const placed = tensor2d(input, [batch, width]);
        const before = memory().numTensors;
        const after = stepLstm(cell, placed, state);
        expect(memory().numTensors - before).toBe(2);
        dispose([state.hidden, state.cell]);
        state = after;
      }
      for (const part of ["h", "c"] as const) {
        const ends = golden.get(part)!.values; // [layers · directions, B, D]
        const wanted = ends.subarray(direction * batch * hiddenSize, (direction + 1) * batch * hiddenSize);
        const got = await (part === "h" ? state.hidden : state.cell).data();
        expect(maxDifference(got, wanted)).toBeLessThanOrEqual(tolerance);
      }
    });
  });

  test("an embedding gives each token its column, whatever its place", async () => {
    const embedding = tensor2d([1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400], [3, 4]);
    const before = memory().numTensors;
    const tokens = tensor2d([3, 0, 1, 1], [2, 2], "int32");
    const embedded = embedTokens(embedding, tokens);
    expect(memory().numTensors - before).toBe(2);
    expect(await embedded.array()).toEqual([
      [
        [4, 40, 400],
        [1, 10, 100],
      ],
      [
        [2, 20, 200],
        [2, 20, 200],
      ],
    ]);
  });

  test("behind a causal mask, what comes later has weight 0 and changes nothing", async () => {
    const [past, count, heads, size] = [2, 3, 2, 4];
    const numbers = (length: number, step: number) => Array.from({ length }, (_, i) => 3 * Math.sin(i * step));
    const query = tensor4d(numbers(heads * count * size, 1.3), [1, heads, count, size]);
    const key = tensor4d(numbers(heads * (past + count) * size, 2.1), [1, heads, past + count, size]);
    const value = tensor4d(numbers(heads * (past + count) * size, 0.4), [1, heads, past + count, size]);
    const { mixed, weights } = attend(query, key, value, undefined, causalMask(count, past));
    const looked = (await weights.array())[0]!;
    for (let at = 0; at < count; at++) {
      const seen = past + at + 1;
      const prefix = (tensor: typeof key) => slice(tensor, 0, [1, heads, seen, size]);
      const own = slice(query, [0, 0, at, 0], [1, heads, 1, size]);
      const alone = attend(own, prefix(key), prefix(value));
      const wanted = (await alone.weights.array())[0]!;
      for (let head = 0; head < heads; head++) {
        const row = looked[head]![at]!;
        expect(row.slice(seen).every((weight) => weight === 0)).toBe(true);
        expect(maxDifference(row.slice(0, seen), wanted[head]![0]!)).toBeLessThanOrEqual(tolerance);
      }
      const got = await slice(mixed, [0, 0, at, 0], [1, heads, 1, size]).data();
      expect(maxDifference(got, await alone.mixed.data())).toBeLessThanOrEqual(tolerance);
    }
    expect(causalMask(1, 7)).toBeNull(); // one token sees everything
  });
}
