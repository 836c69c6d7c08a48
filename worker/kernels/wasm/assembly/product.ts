import { activateStrip } from "./activation";
import { multiplyAdd } from "./multiply-add";

/**
 * Rows of a tile, each of eight columns. Its sums, two columns of weights and a number of a row are registers, of which V8
 * has fifteen on x86; where a multiplication and an addition are two steps, it spills beyond four rows.
 */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Rows for which a panel is worth fetching ahead: with fewer, what is multiplied is near, or small. */
const FETCHED_ROWS: i32 = 24;

/** Rows of the tile for the few that are left behind whole ones. */
const REST_ROWS: i32 = 3;

/**
 * c = activation(a · b + bias + residual), the one matrix product. Pointers and strides (bytes from row to row) of
 * a `[rows, depth]` · b `[depth, columns]` → c `[rows, columns]`; `bias` `[columns]` and `residual`, which has c's
 * stride and may be c, may be 0 for none.
 *
 * b is packed: panels of eight columns, each `[depth, 8]`, the last filled up. Whatever fills it up, and c's columns
 * behind the last, up to a multiple of eight, hold anything; so has `bias` that many.
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
    if (rows >= FETCHED_ROWS) fetchPanel(b, panelBytes);
    multiplyPanel(a, aStride, rows, depth, b, bias, activation, residual, c, cStride);
    b += panelBytes;
    c += 32;
    if (bias) bias += 32;
    if (residual) residual += 32;
  }
}

/** The product with one panel. */
export function multiplyPanel(
  a: usize,
  aStride: usize,
  rows: i32,
  depth: i32,
  b: usize,
  bias: usize,
  activation: i32,
  residual: usize,
  c: usize,
  cStride: usize,
): void {
  let a0 = a;
  let c0 = c;
  for (let row = 0; row < rows; row += TILE_ROWS) {
    const there = rows - row;
    const a1 = there > 1 ? a0 + aStride : a0;
    const a2 = there > 2 ? a1 + aStride : a1;
    const c1 = c0 + cStride;
    const c2 = c1 + cStride;
    const beside = residual ? residual + (c0 - c) : 0;
    if (there <= REST_ROWS) {
      Tile.multiply(REST_ROWS, a0, a1, a2, 0, 0, 0, 1, depth, 0, b, bias, beside, there, c0, c1, c2, 0, 0, 0);
      if (activation != 0) activateStrip(activation, c0, there, cStride);
      break;
    }
    const a3 = a2 + aStride;
    const a4 = there > 4 ? a3 + aStride : a3;
    const a5 = there > 5 ? a4 + aStride : a4;
    const c3 = c2 + cStride;
    const c4 = c3 + cStride;
    const c5 = c4 + cStride;
    Tile.multiply(TILE_ROWS, a0, a1, a2, a3, a4, a5, 1, depth, 0, b, bias, beside, there, c0, c1, c2, c3, c4, c5);
    if (activation != 0) activateStrip(activation, c0, min(there, TILE_ROWS), cStride);
    a0 += aStride * TILE_ROWS;
    c0 += cStride * TILE_ROWS;
  }
}

/**
 * Reads one number of every cache line of a panel or more, which brings it nearer, many lines at once: the tile that meets
 * it first would fetch one after another. Dropped, but fetched: a load may trap, so no compiler leaves it out.
 */
export function fetchPanel(b: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 64) load<i32>(b + at);
}

/** In a class because there alone one can ask for functions to be inlined. */
export class Tile {
  /**
   * Eight columns of `size` rows of c (three, four or six, as the code says), wherever they lie; `rows` of them are
   * there. A row of a is `parts` times `depth` floats, `partStride` bytes from one to the next. `residual` is the first
   * row's; the others lie as c's rows do.
   */
  @inline static multiply(
    size: i32,
    a0: usize,
    a1: usize,
    a2: usize,
    a3: usize,
    a4: usize,
    a5: usize,
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
    c4: usize,
    c5: usize,
  ): void {
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let c20 = f32x4.splat(0);
    let c21 = f32x4.splat(0);
    let c30 = f32x4.splat(0);
    let c31 = f32x4.splat(0);
    let c40 = f32x4.splat(0);
    let c41 = f32x4.splat(0);
    let c50 = f32x4.splat(0);
    let c51 = f32x4.splat(0);
    let left: v128;
    let right: v128;
    let x: v128;
    // Two steps a turn. Between the rows of six stands an exit that is never taken: without it older V8 (12.4, of Node 22)
    // fetches for all of them at once, and spills what it fetched.
    for (; ; parts--) {
      for (let rest = depth; rest > 0; rest -= 2) {
        left = v128.load(b);
        right = v128.load(b, 16);
        x = v128.load_splat<f32>(a0);
        c00 = multiplyAdd(x, left, c00);
        c01 = multiplyAdd(x, right, c01);
        if (size > 4 && rest < -1) break;
        x = v128.load_splat<f32>(a1);
        c10 = multiplyAdd(x, left, c10);
        c11 = multiplyAdd(x, right, c11);
        if (size > 4 && rest < -2) break;
        x = v128.load_splat<f32>(a2);
        c20 = multiplyAdd(x, left, c20);
        c21 = multiplyAdd(x, right, c21);
        if (size > 3) {
          if (size > 4 && rest < -3) break;
          x = v128.load_splat<f32>(a3);
          c30 = multiplyAdd(x, left, c30);
          c31 = multiplyAdd(x, right, c31);
        }
        if (size > 4) {
          if (rest < -4) break;
          x = v128.load_splat<f32>(a4);
          c40 = multiplyAdd(x, left, c40);
          c41 = multiplyAdd(x, right, c41);
          if (rest < -5) break;
          x = v128.load_splat<f32>(a5);
          c50 = multiplyAdd(x, left, c50);
          c51 = multiplyAdd(x, right, c51);
        }
        if (rest < 2) break;
        left = v128.load(b, 32);
        right = v128.load(b, 48);
        x = v128.load_splat<f32>(a0, 4);
        c00 = multiplyAdd(x, left, c00);
        c01 = multiplyAdd(x, right, c01);
        if (size > 4 && rest < -7) break;
        x = v128.load_splat<f32>(a1, 4);
        c10 = multiplyAdd(x, left, c10);
        c11 = multiplyAdd(x, right, c11);
        if (size > 4 && rest < -8) break;
        x = v128.load_splat<f32>(a2, 4);
        c20 = multiplyAdd(x, left, c20);
        c21 = multiplyAdd(x, right, c21);
        if (size > 3) {
          if (size > 4 && rest < -9) break;
          x = v128.load_splat<f32>(a3, 4);
          c30 = multiplyAdd(x, left, c30);
          c31 = multiplyAdd(x, right, c31);
        }
        if (size > 4) {
          if (rest < -10) break;
          x = v128.load_splat<f32>(a4, 4);
          c40 = multiplyAdd(x, left, c40);
          c41 = multiplyAdd(x, right, c41);
          if (rest < -11) break;
          x = v128.load_splat<f32>(a5, 4);
          c50 = multiplyAdd(x, left, c50);
          c51 = multiplyAdd(x, right, c51);
        }
        a0 += 8;
        a1 += 8;
        a2 += 8;
        a3 += 8;
        a4 += 8;
        a5 += 8;
        b += 64;
      }
      if (parts == 1) break;
      const skip = partStride - ((<usize>(depth & ~1)) << 2);
      a0 += skip;
      a1 += skip;
      a2 += skip;
      a3 += skip;
      a4 += skip;
      a5 += skip;
      b += (<usize>(depth & 1)) << 5;
    }
    if (bias) {
      left = v128.load(bias);
      right = v128.load(bias, 16);
      c00 = f32x4.add(c00, left);
      c01 = f32x4.add(c01, right);
      c10 = f32x4.add(c10, left);
      c11 = f32x4.add(c11, right);
      c20 = f32x4.add(c20, left);
      c21 = f32x4.add(c21, right);
      c30 = f32x4.add(c30, left);
      c31 = f32x4.add(c31, right);
      c40 = f32x4.add(c40, left);
      c41 = f32x4.add(c41, right);
      c50 = f32x4.add(c50, left);
      c51 = f32x4.add(c51, right);
    }
    storeRow(c0, residual, c00, c01);
    if (rows < 2) return;
    storeRow(c1, residual ? residual + (c1 - c0) : 0, c10, c11);
    if (rows < 3) return;
    storeRow(c2, residual ? residual + (c2 - c0) : 0, c20, c21);
    if (size == 3 || rows < 4) return;
    storeRow(c3, residual ? residual + (c3 - c0) : 0, c30, c31);
    if (size == 4 || rows < 5) return;
    storeRow(c4, residual ? residual + (c4 - c0) : 0, c40, c41);
    if (rows < 6) return;
    storeRow(c5, residual ? residual + (c5 - c0) : 0, c50, c51);
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
