import { multiplyAdd, sumLanes } from "./multiply-add";

/**
 * Layer normalisation of rows of `width` floats, a multiple of four; pointers and strides in bytes. Rows are centred
 * twice, since the first mean is rounded by as much as 6e-8 of itself, and the variance is that of centred values: a
 * row whose mean is a thousand times its deviation keeps its digits.
 */
export function normRows(
  rows: i32,
  width: i32,
  epsilon: f32,
  scale: usize,
  shift: usize,
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
): void {
  for (let row = 0; row < rows; row++) {
    normRow(width, epsilon, scale, shift, from, to);
    from += fromStride;
    to += toStride;
  }
}

function normRow(width: i32, epsilon: f32, scale: usize, shift: usize, from: usize, to: usize): void {
  const bytes = (<usize>width) << 2;
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) sums = f32x4.add(sums, v128.load(from + at));
  const roughly = f32x4.splat(sumLanes(sums) / <f32>width);
  let rests = f32x4.splat(0);
  let squares = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const centred = f32x4.sub(v128.load(from + at), roughly);
    rests = f32x4.add(rests, centred);
    squares = multiplyAdd(centred, centred, squares);
  }
  const rest = sumLanes(rests) / <f32>width; // what the first mean was off by
  const variance = max<f32>(sumLanes(squares) / <f32>width - rest * rest, 0);
  const correction = f32x4.splat(rest);
  const inverse = f32x4.splat(1 / sqrt<f32>(variance + epsilon));
  for (let at: usize = 0; at < bytes; at += 16) {
    const centred = f32x4.sub(f32x4.sub(v128.load(from + at), roughly), correction);
    const normal = f32x4.mul(centred, inverse);
    v128.store(to + at, multiplyAdd(normal, v128.load(scale + at), v128.load(shift + at)));
  }
}

/**
 * The sum of `rows` rows of `width` floats, a multiple of four, divided by `count` → one row; summed in float64. `count`
 * is less than `rows` where some of them are zeros that do not count.
 */
export function meanRow(rows: i32, width: i32, from: usize, stride: usize, count: i32, to: usize): void {
  const end = to + ((<usize>width) << 2);
  for (; to < end; to += 8, from += 8) {
    let sums = f64x2.splat(0);
    for (let row = 0; row < rows; row++) {
      sums = f64x2.add(sums, f64x2.promote_low_f32x4(v128.load64_zero(from + <usize>row * stride)));
    }
    v128.store64_lane(to, f32x4.demote_f64x2_zero(f64x2.div(sums, f64x2.splat(<f64>count))), 0);
  }
}
