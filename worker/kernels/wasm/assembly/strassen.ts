import { activateStrip } from "./activation";
import { fetchPanel, multiplyPanel, product } from "./product";

/**
 * Strassen's product in Winograd's form: of a and b in quarters, seven products of sums of quarters for eight. A pair of
 * rows is even and odd, of columns one panel and the next, of depth its halves:
 *
 *   s1 = a21 + a22   s2 = s1 − a11    s3 = a11 − a21   s4 = a12 − s2
 *   t1 = b12 − b11   t2 = b22 − t1    t3 = b22 − b12   t4 = b21 − t2
 *
 *   c11 = a11 b11 + a12 b21           u = a11 b11 + s2 t2      v = u + s3 t3
 *   c12 = u + s1 t1 + s4 b22          c21 = v + a22 t4         c22 = v + s1 t1
 *
 * A row's rounding is that of the larger of its pair (Higham, Accuracy and Stability of Numerical Algorithms, 23.2.2), so
 * this is for rows of one size, as a norm leaves them: there it is about twice that of a plain product.
 */

const PAIR = 16; // columns of two panels

/**
 * Pairs of rows `[rows, depth]`, the last of an odd number beside zeros → s1 to s4, each `[⌈rows / 2⌉, depth / 2]`,
 * `sumBytes` from one to the next. `depth` is a multiple of eight.
 */
export function sumQuarters(
  rows: i32,
  depth: i32,
  a: usize,
  aStride: usize,
  sums: usize,
  sumStride: usize,
  sumBytes: usize,
): void {
  const half = (<usize>depth) << 1; // bytes
  for (let row = 0; row < rows; row += 2, a += aStride << 1, sums += sumStride) {
    const isPair = row + 1 < rows;
    for (let at: usize = 0; at < half; at += 16) {
      const even = a + at;
      const odd = even + aStride;
      const a11 = v128.load(even);
      const a21 = isPair ? v128.load(odd) : f32x4.splat(0);
      const a22 = isPair ? v128.load(odd + half) : f32x4.splat(0);
      const s1 = f32x4.add(a21, a22);
      const s2 = f32x4.sub(s1, a11);
      const to = sums + at;
      v128.store(to, s1);
      v128.store(to + sumBytes, s2);
      v128.store(to + 2 * sumBytes, f32x4.sub(a11, a21));
      v128.store(to + 3 * sumBytes, f32x4.sub(v128.load(even + half), s2));
    }
  }
}

/**
 * c = activation(a · b + bias), as `product` has it; `sums` are those of a's rows. `scratch` has room for 64 bytes for each
 * of `depth`, and for each of `rows`, rounded up to an even number.
 */
export function productBySums(
  a: usize,
  aStride: usize,
  rows: i32,
  depth: i32,
  sums: usize,
  sumStride: usize,
  sumBytes: usize,
  b: usize,
  columns: i32,
  bias: usize,
  activation: i32,
  c: usize,
  cStride: usize,
  scratch: usize,
): void {
  const pairBytes = (<usize>depth) << 6;
  for (; columns >= PAIR; columns -= PAIR) {
    multiplyPair(a, aStride, rows, depth, sums, sumStride, sumBytes, b, bias, activation, c, cStride, scratch);
    b += pairBytes;
    c += 64;
    if (bias) bias += 64;
  }
  if (columns > 0) product(a, aStride, rows, depth, b, columns, bias, activation, 0, c, cStride);
}

function multiplyPair(
  a: usize,
  aStride: usize,
  rows: i32,
  depth: i32,
  sums: usize,
  sumStride: usize,
  sumBytes: usize,
  b: usize,
  bias: usize,
  activation: i32,
  c: usize,
  cStride: usize,
  scratch: usize,
): void {
  const half = depth >> 1;
  const quarter = (<usize>half) << 5; // bytes of a quarter of b, as of the sums of them
  const evens = (rows + 1) >> 1;
  const odds = rows >> 1;
  const strip = (<usize>evens) << 5;
  const t1 = scratch;
  const t2 = t1 + quarter;
  const t3 = t2 + quarter;
  const t4 = t3 + quarter;
  const c11 = t4 + quarter;
  const c12 = c11 + strip;
  const c21 = c12 + strip;
  const c22 = c21 + strip;
  const a12 = a + ((<usize>half) << 2);
  const b21 = b + quarter;
  const b22 = b21 + 2 * quarter;
  const pairStride = aStride << 1;
  fetchPanel(b, 4 * quarter);
  subtractQuarters(b, quarter, t1);
  multiplyPanel(a, pairStride, evens, half, b, 0, 0, 0, c12, 32);
  multiplyPanel(a12, pairStride, evens, half, b21, 0, 0, c12, c11, 32);
  multiplyPanel(sums + sumBytes, sumStride, evens, half, t2, 0, 0, c12, c12, 32); // u
  multiplyPanel(sums + 2 * sumBytes, sumStride, evens, half, t3, 0, 0, c12, c21, 32); // v
  multiplyPanel(sums, sumStride, evens, half, t1, 0, 0, 0, c22, 32);
  for (let at: usize = 0; at < strip; at += 16) {
    const added = v128.load(c22 + at); // s1 t1
    v128.store(c12 + at, f32x4.add(v128.load(c12 + at), added));
    v128.store(c22 + at, f32x4.add(v128.load(c21 + at), added));
  }
  multiplyPanel(sums + 3 * sumBytes, sumStride, evens, half, b22, 0, 0, c12, c12, 32);
  multiplyPanel(a12 + aStride, pairStride, odds, half, t4, 0, 0, c21, c21, 32);
  const right = bias ? bias + 32 : 0;
  const outStride = cStride << 1;
  storeStrip(c11, evens, bias, activation, c, outStride);
  storeStrip(c12, evens, right, activation, c + 32, outStride);
  storeStrip(c21, odds, bias, activation, c + cStride, outStride);
  storeStrip(c22, odds, right, activation, c + cStride + 32, outStride);
}

/** Two panels of b, of two quarters each → t1 to t4, one behind the other. */
function subtractQuarters(b: usize, quarter: usize, to: usize): void {
  const end = b + quarter;
  for (; b < end; b += 16, to += 16) {
    const b12 = v128.load(b + 2 * quarter);
    const b22 = v128.load(b + 3 * quarter);
    const t1 = f32x4.sub(b12, v128.load(b));
    const t2 = f32x4.sub(b22, t1);
    v128.store(to, t1);
    v128.store(to + quarter, t2);
    v128.store(to + 2 * quarter, f32x4.sub(b22, b12));
    v128.store(to + 3 * quarter, f32x4.sub(v128.load(b + quarter), t2));
  }
}

/** A strip of eight columns, its bias added, and activated, goes to its place. */
function storeStrip(from: usize, rows: i32, bias: usize, activation: i32, to: usize, stride: usize): void {
  const left = bias ? v128.load(bias) : f32x4.splat(0);
  const right = bias ? v128.load(bias, 16) : f32x4.splat(0);
  let row = to;
  for (const end = from + ((<usize>rows) << 5); from < end; from += 32, row += stride) {
    v128.store(row, f32x4.add(v128.load(from), left));
    v128.store(row, f32x4.add(v128.load(from, 16), right), 16);
  }
  if (activation != 0) activateStrip(activation, to, rows, stride);
}
