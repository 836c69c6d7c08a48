import {
  memory,
  slice,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  transpose,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { openGruGates, passGruGates } from "../../../worker/layers/gru-cell.ts";
import { linearRows, type Linear } from "../../../worker/layers/linear.ts";
import { openLstmGates, passLstmGates, stepLstm } from "../../../worker/layers/lstm-cell.ts";
import type { CellKind, RecurrentCell } from "../../../worker/layers/recurrent-cell.ts";
import { runStack, type RecurrentLayer, type StackRun } from "../../../worker/layers/recurrent-stack.ts";
import { runRecurrent } from "../../../worker/layers/run-recurrent.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";

type Goldens = ReadonlyMap<string, GoldenTensor>;

const KINDS: readonly CellKind[] = ["rnn", "gru", "lstm"];

/** One layer of PyTorch's `nn.RNN`, `nn.GRU` or `nn.LSTM` in one direction: `weights.weight_ih_l0`. */
function cellOf(golden: Goldens, kind: CellKind, name: string): RecurrentCell {
  const linear = (part: string): Linear => {
    const { values, shape } = golden.get(`weights.weight_${part}_${name}`)!;
    const weight = tensor2d(values, shape as Tensor2D["shape"]);
    return { kernel: transpose(weight), bias: tensor1d(golden.get(`weights.bias_${part}_${name}`)!.values) };
  };
  return { kind, input: linear("ih"), recurrent: linear("hh") };
}

const bidirectional = (golden: Goldens, kind: CellKind, layers: number): RecurrentLayer[] =>
  Array.from({ length: layers }, (_, layer) => ({
    forwards: cellOf(golden, kind, `l${layer}`),
    backwards: cellOf(golden, kind, `l${layer}_reverse`),
  }));

const sequenceOf = ({ values, shape }: GoldenTensor): Tensor3D => tensor3d(values, shape as Tensor3D["shape"]);

/** The last states of a run against PyTorch's `[layers · directions, B, D]`. */
async function compareStates({ states }: StackRun, golden: Goldens, tolerance: number): Promise<void> {
  for (const [index, { hidden, cell }] of states.entries()) {
    for (const [name, state] of Object.entries({ h: hidden, c: cell })) {
      if (!state) continue;
      const wanted = golden.get(name)!.values.subarray(index * state.size, (index + 1) * state.size);
      expect(maxDifference(await state.data(), wanted)).toBeLessThanOrEqual(tolerance);
    }
  }
}

/** The tensors below `prefix`, by the rest of their names. */
const below = (golden: Goldens, prefix: string): Goldens =>
  new Map(
    [...golden].filter(([name]) => name.startsWith(prefix)).map(([name, held]) => [name.slice(prefix.length), held]),
  );

/** Recurrent networks against PyTorch, on whatever backend is in use. */
export function describeRecurrent(tolerance: number): void {
  describe.each(KINDS)("%s", (kind) => {
    test("two layers in both directions answer as in PyTorch, and leave nothing else behind", async () => {
      const golden = await goldenTensors(`recurrent/${kind}.safetensors`);
      const layers = bidirectional(golden, kind, 2);
      const sequence = transpose<Tensor3D>(sequenceOf(golden.get("input")!), [1, 0, 2]); // PyTorch's is [T, B, in]
      const before = memory().numTensors;
      const run = runStack(layers, sequence);
      const held = kind === "lstm" ? 9 : 5; // the outputs, and the last states of two layers in two directions
      expect(memory().numTensors - before).toBe(held);
      const got = await tidy(() => transpose(run.outputs, [1, 0, 2])).data(); // [T, B, 2D]
      expect(maxDifference(got, golden.get("output")!.values)).toBeLessThanOrEqual(tolerance);
      await compareStates(run, golden, tolerance);
    });

    test("padding leaves the state as it is: rows of several lengths answer as PyTorch's packed ones", async () => {
      const all = below(await goldenTensors("seq2seq/layers.safetensors"), "padded.");
      const golden = below(all, `${kind}.`);
      const lengths = [...all.get("lengths")!.values];
      const run = runStack(bidirectional(golden, kind, 1), sequenceOf(all.get("input")!), { lengths });
      const wanted = await sequenceOf(golden.get("output")!).array();
      for (const [row, told] of (await run.outputs.array()).entries()) {
        for (const [at, values] of told.slice(0, lengths[row]).entries()) {
          expect(maxDifference(values, wanted[row]![at]!)).toBeLessThanOrEqual(tolerance);
        }
      }
      await compareStates(run, golden, tolerance);
    });

    test("a sequence in two parts, the second from where the first ended, is the sequence", async () => {
      const golden = await goldenTensors(`recurrent/${kind}.safetensors`);
      const cell = cellOf(golden, kind, "l0");
      const [batch, width] = [3, 5];
      const numbers = Float32Array.from({ length: batch * 4 * width }, (_, i) => Math.sin(1 + 0.7 * i));
      const whole = runRecurrent(cell, tensor3d(numbers, [batch, 4, width]));
      const part = (from: number, to: number): Tensor3D =>
        slice(tensor3d(numbers, [batch, 4, width]), [0, from, 0], [batch, to - from, width]);
      const first = runRecurrent(cell, part(0, 1));
      const second = runRecurrent(cell, part(1, 4), { start: first.state });
      expect(maxDifference(await second.state.hidden.data(), await whole.state.hidden.data())).toBeLessThanOrEqual(
        tolerance,
      );
    });
  });

  describe("gates", () => {
    const rows = (count: number, step: number): Tensor2D =>
      tensor2d(
        Float32Array.from({ length: 2 * count }, (_, i) => 2 * Math.sin(1 + i * step)),
        [2, count],
      );

    test("an LSTM's, by the formulas in float64", async () => {
      const [fromInput, fromState, cell] = [rows(8, 0.7), rows(8, 1.3), rows(2, 2.1)];
      const before = memory().numTensors;
      const gates = openLstmGates(fromInput, fromState);
      expect(memory().numTensors - before).toBe(4);
      const [a, b, kept] = [await fromInput.array(), await fromState.array(), await cell.array()];
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
      const after = passLstmGates(gates, cell);
      const [hidden, cells] = [await after.hidden.array(), await after.cell.array()];
      for (const row of [0, 1]) {
        for (const unit of [0, 1]) {
          const opened = (gate: number) => a[row]![2 * gate + unit]! + b[row]![2 * gate + unit]!;
          const [i, f, g, o] = [sigmoid(opened(0)), sigmoid(opened(1)), Math.tanh(opened(2)), sigmoid(opened(3))];
          const wanted = f * kept[row]![unit]! + i * g;
          expect(Math.abs((await gates.keep.array())[row]![unit]! - f)).toBeLessThanOrEqual(tolerance);
          expect(Math.abs(cells[row]![unit]! - wanted)).toBeLessThanOrEqual(tolerance);
          expect(Math.abs(hidden[row]![unit]! - o * Math.tanh(wanted))).toBeLessThanOrEqual(tolerance);
        }
      }
    });

    test("a GRU whose update gate is shut keeps its state, whatever comes", async () => {
      const shut = tensor2d([0, 0, 99, 99, 1, -1], [1, 6]);
      const hidden = tensor2d([0.3, -0.7], [1, 2]);
      const gates = openGruGates(shut, tensor2d([0, 0, 0, 0, 0, 0], [1, 6]));
      expect(maxDifference(await passGruGates(gates, hidden).data(), [0.3, -0.7])).toBeLessThanOrEqual(tolerance);
    });

    test("one step of an LSTM by its gates is the step", async () => {
      const golden = await goldenTensors("recurrent/lstm.safetensors");
      const cell = cellOf(golden, "lstm", "l0");
      const [input, hidden, kept] = [rows(5, 0.4), rows(6, 0.9), rows(6, 1.7)];
      const gates = openLstmGates(linearRows(cell.input, input), linearRows(cell.recurrent, hidden));
      const step = stepLstm(cell, input, { hidden, cell: kept });
      expect(maxDifference(await passLstmGates(gates, kept).hidden.data(), await step.hidden.data())).toBe(0);
    });
  });
}
