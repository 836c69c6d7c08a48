import { multiplyAdd, sumLanes } from "./multiply-add";
import { softmaxRows } from "./softmax";

/**
 * One query looks over `count` places, once per head: the softmax of how well each key suits it, then the values mixed
 * by these weights. `places` lists an address for each place; `keys` and `values` bytes behind it lie its key `[heads,
 * keyWidth]` and its value `[heads, valueWidth]`. `query` `[heads, keyWidth]`, `weights` `[heads, count]`, each row
 * filled up to a multiple of eight, `mixed` `[heads, valueWidth]`; widths are multiples of eight.
 *
 * A key suits by key · query or, where there is a `score` `[keyWidth]`, by score · relu(key + query).
 */
export function lookUp(
  heads: i32,
  count: i32,
  places: usize,
  keys: usize,
  keyWidth: i32,
  values: usize,
  valueWidth: i32,
  query: usize,
  score: usize,
  weights: usize,
  mixed: usize,
): void {
  const keyBytes = (<usize>keyWidth) << 2;
  const valueBytes = (<usize>valueWidth) << 2;
  const weightBytes = (<usize>((count + 7) & ~7)) << 2;
  const end = places + ((<usize>count) << 2);
  for (let head = 0; head < heads; head++) {
    for (let place = places, to = weights; place < end; place += 4, to += 4) {
      const key = <usize>load<u32>(place) + keys;
      f32.store(to, score ? scoreBySum(key, query, score, keyBytes) : scoreByDot(key, query, keyBytes));
    }
    softmaxRows(1, count, weights, weightBytes);
    mix(places, end, values, weights, mixed, valueBytes);
    keys += keyBytes;
    values += valueBytes;
    query += keyBytes;
    weights += weightBytes;
    mixed += valueBytes;
  }
}

function scoreByDot(key: usize, query: usize, bytes: usize): f32 {
  let left = f32x4.splat(0);
  let right = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 32) {
    left = multiplyAdd(v128.load(key + at), v128.load(query + at), left);
    right = multiplyAdd(v128.load(key + at, 16), v128.load(query + at, 16), right);
  }
  return sumLanes(f32x4.add(left, right));
}

function scoreBySum(key: usize, query: usize, score: usize, bytes: usize): f32 {
  const zero = f32x4.splat(0);
  let left = f32x4.splat(0);
  let right = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 32) {
    const first = f32x4.add(v128.load(key + at), v128.load(query + at));
    const second = f32x4.add(v128.load(key + at, 16), v128.load(query + at, 16));
    left = multiplyAdd(f32x4.pmax(first, zero), v128.load(score + at), left); // NaN stays NaN
    right = multiplyAdd(f32x4.pmax(second, zero), v128.load(score + at, 16), right);
  }
  return sumLanes(f32x4.add(left, right));
}

/** The sum of the values, each times its place's weight. */
function mix(places: usize, end: usize, values: usize, weights: usize, mixed: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 32) {
    let left = f32x4.splat(0);
    let right = f32x4.splat(0);
    for (let place = places, from = weights; place < end; place += 4, from += 4) {
      const value = <usize>load<u32>(place) + values + at;
      const weight = v128.load_splat<f32>(from);
      left = multiplyAdd(weight, v128.load(value), left);
      right = multiplyAdd(weight, v128.load(value, 16), right);
    }
    v128.store(mixed + at, left);
    v128.store(mixed + at, right, 16);
  }
}
