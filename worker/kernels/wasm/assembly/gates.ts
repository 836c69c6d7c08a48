import { Lanes } from "./exponential";
import { multiplyAdd } from "./multiply-add";

/** In a class because there alone one can ask for functions to be inlined. */
class Gate {
  /** σ(x) = 1 / (1 + e⁻ˣ) */
  @inline static sigmoid(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), Lanes.exponential(f32x4.neg(x))));
  }

  /** tanh x = 2 σ(2x) − 1, 1e-7 absolute */
  @inline static tanh(x: v128): v128 {
    return multiplyAdd(f32x4.splat(2), Gate.sigmoid(f32x4.add(x, x)), f32x4.splat(-1));
  }
}

/** row = σ(gate) · row, `width` floats, a multiple of four. */
export function openGate(width: i32, gate: usize, row: usize): void {
  const end = row + ((<usize>width) << 2);
  for (; row < end; row += 16, gate += 16) {
    v128.store(row, f32x4.mul(Gate.sigmoid(v128.load(gate)), v128.load(row)));
  }
}

/**
 * What an LSTM keeps and tells passes its gates: cell = σ(f) · cell + σ(i) · tanh(g), hidden = σ(o) · tanh(cell).
 * `gates`: i, f, g, o behind each other, each of `width` floats, a multiple of four, as the cell and what it tells.
 */
export function passGates(width: i32, gates: usize, cell: usize, hidden: usize): void {
  const bytes = (<usize>width) << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const write = Gate.sigmoid(v128.load(gates + at));
    const keep = Gate.sigmoid(v128.load(gates + bytes + at));
    const candidate = Gate.tanh(v128.load(gates + 2 * bytes + at));
    const tell = Gate.sigmoid(v128.load(gates + 3 * bytes + at));
    const after = multiplyAdd(keep, v128.load(cell + at), f32x4.mul(write, candidate));
    v128.store(cell + at, after);
    v128.store(hidden + at, f32x4.mul(tell, Gate.tanh(after)));
  }
}
