import { PANEL } from "../wasm/rows.ts";
import type { DecoderMachine, PlacedProduct } from "./place-dense.ts";

/** Rows somewhere in memory. */
export type Rows = { readonly address: number; readonly stride: number };

/** rows · product → rows; `residual` lies as they do. */
export function multiply(
  { kernels }: DecoderMachine,
  { kernel, bias, depth, columns }: PlacedProduct,
  count: number,
  from: Rows,
  to: Rows,
  { activation = 0, residual = 0 } = {},
): void {
  const { address, stride } = to;
  kernels.product(
    from.address,
    from.stride,
    count,
    depth,
    kernel,
    columns,
    bias,
    activation,
    residual,
    address,
    stride,
  );
}

/** A column of a product's matrix `[depth]`, times `factor`: of an embedding, one token's. */
export function copyColumn(
  { memory }: DecoderMachine,
  { kernel, depth }: PlacedProduct,
  column: number,
  to: number,
  factor = 1,
): void {
  const lane = column % PANEL;
  const panel = memory.floats(kernel + (column - lane) * depth * 4, depth * PANEL);
  const values = memory.floats(to, depth);
  for (let at = 0; at < depth; at++) values[at] = panel[at * PANEL + lane]! * factor;
}

/** The same rows from some bytes on. */
export const partOf = ({ address, stride }: Rows, offset: number): Rows => ({ address: address + offset, stride });

export const rowOf = ({ address, stride }: Rows, row: number): number => address + row * stride;

/** values `[count, width]` → rows. */
export function copyRows({ memory }: DecoderMachine, values: Float32Array, width: number, to: Rows): void {
  for (let from = 0, address = to.address; from < values.length; from += width, address += to.stride) {
    memory.floats(address, width).set(values.subarray(from, from + width));
  }
}
