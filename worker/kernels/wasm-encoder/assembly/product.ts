import { activateStrip } from "./activation";
import { multiplyAdd } from "./multiply-add";

/**
 * c = activation(a · b + bias + residual), the one matrix product. Pointers and strides (bytes from row to row) of
 * a `[rows, depth]` · b `[depth, columns]` → c `[rows, columns]`; `bias` `[columns]` and `residual`, which has c's
 * stride and may be c, may be 0 for none.
 *
 * b is packed: panels of eight columns, each `[depth, 8]`, the last filled up. Whatever fills it up, and c's columns
 * behind the last, up to a multiple of eight, hold anything; so has `bias` that many. A tile of 4 × 8 of c is eight
 * registers: with more, V8 spills.
 */
export function product(
  a: usize,
  aStride: usize,
  rows: i32,
  depth: i32,
  b: usize,
  columns: i32,
  bias: usize,
  activation: i32,
  residual: usize,
  c: usize,
  cStride: usize,
): void {
  const panelBytes: usize = <usize>depth * 32;
  for (let column = 0; column < columns; column += 8) {
    let a0 = a;
    let c0 = c;
    for (let row = 0; row < rows; row += 4) {
      const there = rows - row;
      const a1 = there > 1 ? a0 + aStride : a0;
      const a2 = there > 2 ? a1 + aStride : a1;
      const a3 = there > 3 ? a2 + aStride : a2;
      const c1 = c0 + cStride;
      const c2 = c1 + cStride;
      const beside = residual ? residual + (c0 - c) : 0;
      Tile.multiply(a0, a1, a2, a3, 1, depth, 0, b, bias, beside, there, c0, c1, c2, c2 + cStride);
      a0 = a3 + aStride;
      c0 = c2 + (cStride << 1);
    }
    if (activation != 0) activateStrip(activation, c, rows, cStride);
    b += panelBytes;
    c += 32;
    if (bias) bias += 32;
    if (residual) residual += 32;
  }
}

/** In a class because there alone one can ask for functions to be inlined. */
export class Tile {
  /**
   * Eight columns of up to four rows of c, wherever they lie; `rows` of them are there. A row of a is `parts` times `depth`
   * floats, `partStride` bytes from one to the next. `residual` is the first row's; the others lie as c's rows do.
   */
  @inline static multiply(
    a0: usize,
    a1: usize,
    a2: usize,
    a3: usize,
    parts: i32,
    depth: i32,
    partStride: usize,
    b: usize,
    bias: usize,
    residual: usize,
    rows: i32,
    c0: usize,
    c1: usize,
    c2: usize,
    c3: usize,
  ): void {
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let c20 = f32x4.splat(0);
    let c21 = f32x4.splat(0);
    let c30 = f32x4.splat(0);
    let c31 = f32x4.splat(0);
    let left: v128;
    let right: v128;
    let x0: v128;
    let x1: v128;
    let x2: v128;
    let x3: v128;
    // Four steps a turn. Between them stands an exit, never taken but at the end: V8 would fetch for all four at once, and
    // spill what it fetched. Pointers move on first, so that V8 needs one register for each.
    for (; ; parts--) {
      a0 -= 16;
      a1 -= 16;
      a2 -= 16;
      a3 -= 16;
      b -= 128;
      let rest = depth;
      for (; ; rest -= 4) {
        a0 += 16;
        a1 += 16;
        a2 += 16;
        a3 += 16;
        b += 128;
        if (rest < 1) break;
        left = v128.load(b);
        right = v128.load(b, 16);
        x0 = v128.load_splat<f32>(a0);
        x1 = v128.load_splat<f32>(a1);
        x2 = v128.load_splat<f32>(a2);
        x3 = v128.load_splat<f32>(a3);
        c00 = multiplyAdd(x0, left, c00);
        c01 = multiplyAdd(x0, right, c01);
        c10 = multiplyAdd(x1, left, c10);
        c11 = multiplyAdd(x1, right, c11);
        c20 = multiplyAdd(x2, left, c20);
        c21 = multiplyAdd(x2, right, c21);
        c30 = multiplyAdd(x3, left, c30);
        c31 = multiplyAdd(x3, right, c31);
        if (rest < 2) break;
        left = v128.load(b, 32);
        right = v128.load(b, 48);
        x0 = v128.load_splat<f32>(a0, 4);
        x1 = v128.load_splat<f32>(a1, 4);
        x2 = v128.load_splat<f32>(a2, 4);
        x3 = v128.load_splat<f32>(a3, 4);
        c00 = multiplyAdd(x0, left, c00);
        c01 = multiplyAdd(x0, right, c01);
        c10 = multiplyAdd(x1, left, c10);
        c11 = multiplyAdd(x1, right, c11);
        c20 = multiplyAdd(x2, left, c20);
        c21 = multiplyAdd(x2, right, c21);
        c30 = multiplyAdd(x3, left, c30);
        c31 = multiplyAdd(x3, right, c31);
        if (rest < 3) break;
        left = v128.load(b, 64);
        right = v128.load(b, 80);
        x0 = v128.load_splat<f32>(a0, 8);
        x1 = v128.load_splat<f32>(a1, 8);
        x2 = v128.load_splat<f32>(a2, 8);
        x3 = v128.load_splat<f32>(a3, 8);
        c00 = multiplyAdd(x0, left, c00);
        c01 = multiplyAdd(x0, right, c01);
        c10 = multiplyAdd(x1, left, c10);
        c11 = multiplyAdd(x1, right, c11);
        c20 = multiplyAdd(x2, left, c20);
        c21 = multiplyAdd(x2, right, c21);
        c30 = multiplyAdd(x3, left, c30);
        c31 = multiplyAdd(x3, right, c31);
        if (rest < 4) break;
        left = v128.load(b, 96);
        right = v128.load(b, 112);
        x0 = v128.load_splat<f32>(a0, 12);
        x1 = v128.load_splat<f32>(a1, 12);
        x2 = v128.load_splat<f32>(a2, 12);
        x3 = v128.load_splat<f32>(a3, 12);
        c00 = multiplyAdd(x0, left, c00);
        c01 = multiplyAdd(x0, right, c01);
        c10 = multiplyAdd(x1, left, c10);
        c11 = multiplyAdd(x1, right, c11);
        c20 = multiplyAdd(x2, left, c20);
        c21 = multiplyAdd(x2, right, c21);
        c30 = multiplyAdd(x3, left, c30);
        c31 = multiplyAdd(x3, right, c31);
      }
      if (parts == 1) break;
      const skip = partStride - ((<usize>(depth - rest)) << 2);
      a0 += skip;
      a1 += skip;
      a2 += skip;
      a3 += skip;
      b += (<usize>rest) << 5;
    }
    if (bias) {
      const left = v128.load(bias);
      const right = v128.load(bias, 16);
      c00 = f32x4.add(c00, left);
      c01 = f32x4.add(c01, right);
      c10 = f32x4.add(c10, left);
      c11 = f32x4.add(c11, right);
      c20 = f32x4.add(c20, left);
      c21 = f32x4.add(c21, right);
      c30 = f32x4.add(c30, left);
      c31 = f32x4.add(c31, right);
    }
    storeRow(c0, residual, c00, c01);
    if (rows < 2) return;
    storeRow(c1, residual ? residual + (c1 - c0) : 0, c10, c11);
    if (rows < 3) return;
    storeRow(c2, residual ? residual + (c2 - c0) : 0, c20, c21);
    if (rows < 4) return;
    storeRow(c3, residual ? residual + (c3 - c0) : 0, c30, c31);
  }
}

function storeRow(c: usize, residual: usize, left: v128, right: v128): void {
  if (residual) {
    v128.store(c, f32x4.add(left, v128.load(residual)));
    v128.store(c, f32x4.add(right, v128.load(residual, 16)), 16);
    return;
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
