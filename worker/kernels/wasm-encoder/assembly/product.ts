import { activateStrip } from "./activation";
import { multiplyAdd } from "./multiply-add";

/**
 * c = activation(a · b + bias) + residual, the one matrix product. Pointers and strides (bytes from row to row) of
 * a `[rows, depth]` · b `[depth, columns]` → c `[rows, columns]`; `bias` `[columns]` and `residual`, which has c's
 * stride, may be 0 for none.
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
    for (let row = 0; row < rows; row += 4) {
      const at = <usize>row * cStride;
      const from = a + <usize>row * aStride;
      tile(from, aStride, rows - row, depth, b, bias, residual ? residual + at : 0, c + at, cStride);
    }
    if (activation != 0) activateStrip(activation, c, rows, cStride);
    b += panelBytes;
    c += 32;
    if (bias) bias += 32;
    if (residual) residual += 32;
  }
}

/** Up to four rows of eight columns. Rows that are not there repeat the last, and are not stored. */
function tile(
  a0: usize,
  aStride: usize,
  rows: i32,
  depth: i32,
  b: usize,
  bias: usize,
  residual: usize,
  c: usize,
  cStride: usize,
): void {
  let a1 = rows > 1 ? a0 + aStride : a0;
  let a2 = rows > 2 ? a1 + aStride : a1;
  let a3 = rows > 3 ? a2 + aStride : a2;
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
  // spill what it fetched.
  for (let rest = depth; ; rest -= 4) {
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
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    b += 128;
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
  storeRow(c, residual, c00, c01);
  if (rows < 2) return;
  c += cStride;
  if (residual) residual += cStride;
  storeRow(c, residual, c10, c11);
  if (rows < 3) return;
  c += cStride;
  if (residual) residual += cStride;
  storeRow(c, residual, c20, c21);
  if (rows < 4) return;
  c += cStride;
  if (residual) residual += cStride;
  storeRow(c, residual, c30, c31);
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
