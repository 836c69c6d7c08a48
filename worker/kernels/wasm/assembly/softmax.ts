import { Lanes } from "./exponential";
import { sumLanes } from "./multiply-add";

const LOWEST: f32 = -3.4e38;

/**
 * The softmax of each row of `width` floats, in place; pointer and stride in bytes. What stands behind a row's last
 * value, up to a multiple of four, is overwritten.
 */
export function softmaxRows(rows: i32, width: i32, from: usize, stride: usize): void {
  for (let row = 0; row < rows; row++, from += stride) softmaxRow(width, from);
}

function softmaxRow(width: i32, from: usize): void {
  const filled = (width + 3) & ~3;
  for (let at = width; at < filled; at++) f32.store(from + ((<usize>at) << 2), LOWEST);
  const end = from + ((<usize>filled) << 2);
  let largest = f32x4.splat(LOWEST);
  for (let at = from; at < end; at += 16) largest = f32x4.pmax(v128.load(at), largest);
  const peak = f32x4.splat(
    max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    ),
  );
  let sums = f32x4.splat(0);
  for (let at = from; at < end; at += 16) {
    const power = Lanes.exponential(f32x4.sub(v128.load(at), peak));
    sums = f32x4.add(sums, power);
    v128.store(at, power);
  }
  const inverse = f32x4.splat(1 / sumLanes(sums));
  for (let at = from; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), inverse));
}
