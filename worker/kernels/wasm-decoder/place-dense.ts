import type { ParameterReader } from "../parameter-reader.ts";
import type { Kernels } from "../wasm/kernels.ts";
import type { LinearMemory } from "../wasm/linear-memory.ts";
import type { Groups } from "./filled-groups.ts";

/** Where a decoder computes. */
export type DecoderMachine = { readonly kernels: Kernels; readonly memory: LinearMemory };

/** The values of a dense layer, or of some of its outputs. */
export type Dense = {
  readonly weight: Float32Array;
  readonly bias: Float32Array | null;
  readonly first: number; // the output it begins with
  readonly apart: number; // from output to output in the weight
  readonly step: number; // from input to input
};

/** PyTorch's, weight `[out, in]`. */
export const torchDense = (weight: Float32Array, bias: Float32Array | null, inputs: number): Dense => ({
  weight,
  bias,
  first: 0,
  apart: inputs,
  step: 1,
});

export const readDense = (read: ParameterReader, name: string, inputs: number): Dense =>
  torchDense(read(`${name}.weight`), read(`${name}.bias`), inputs);

/** A dense layer as part of a product: where its inputs and its outputs lie there, and what it is multiplied by. */
type Share = {
  readonly dense: Dense;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly factor?: number;
};

/** A product in memory: its packed matrix `[depth, columns]`, and its bias, 0 for none. */
export type PlacedProduct = {
  readonly kernel: number;
  readonly bias: number;
  readonly depth: number;
  readonly columns: number;
};

/** values → a vector that lies as `groups`. */
export function placeVector({ memory }: DecoderMachine, values: Float32Array, { at, size }: Groups): number {
  const address = memory.take(size * 4);
  const vector = memory.floats(address, size).fill(0);
  values.forEach((value, index) => (vector[at[index]!] = value));
  return address;
}

/** Dense layers as one product. What several of them tell one output is added up. */
export function placeProduct(
  { kernels, memory }: DecoderMachine,
  inputs: Groups,
  outputs: Groups,
  shares: readonly Share[],
): PlacedProduct {
  const [depth, columns] = [inputs.size, outputs.size];
  const bias = shares.some(({ dense }) => dense.bias) ? memory.take(columns * 4) : 0;
  const kernel = memory.take(depth * columns * 4);
  const staged = memory.take(depth * columns * 4);
  const rows = memory.floats(staged, depth * columns).fill(0);
  const sums = bias ? memory.floats(bias, columns).fill(0) : null;
  for (const { dense, from, to, factor = 1 } of shares) {
    const { weight, bias, first, apart, step } = dense;
    for (const [index, output] of to.entries()) {
      const row = output * depth;
      const begin = (first + index) * apart;
      for (let input = 0; input < from.length; input++) {
        rows[row + from[input]!] = weight[begin + input * step]! * factor;
      }
      if (sums && bias) sums[output]! += bias[first + index]! * factor;
    }
  }
  kernels.packRows(staged, depth * 4, columns, depth, kernel);
  memory.giveBack(staged);
  return { kernel, bias, depth, columns };
}
