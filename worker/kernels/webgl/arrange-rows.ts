import type { HostArray } from "../../contract/forward.ts";

/** Rows with padding → the first `columns` of each. */
export function firstColumns(rows: Float32Array, wide: number, columns: number): Float32Array {
  const count = rows.length / wide;
  const values = new Float32Array(count * columns);
  for (let row = 0; row < count; row++) values.set(rows.subarray(row * wide, row * wide + columns), row * columns);
  return values;
}

type Seen = {
  readonly heads: number;
  readonly keys: number; // columns of a head, at least the tokens
  readonly tokens: number;
};

/** Scores `[B · count, heads · keys]`, powers of two → weights `[B, heads, count, T]`, rows of which sum to 1. */
export function softmaxRows(scores: Float32Array, count: number, { heads, keys, tokens }: Seen): HostArray {
  const images = scores.length / (count * heads * keys);
  const values = new Float32Array(images * heads * count * tokens);
  for (let image = 0, to = 0; image < images; image++) {
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < count; row++, to += tokens) {
        const from = ((image * count + row) * heads + head) * keys;
        let most = -Infinity;
        for (let key = 0; key < tokens; key++) most = Math.max(most, scores[from + key]!);
        let sum = 0;
        for (let key = 0; key < tokens; key++)
          sum += values[to + key] = Math.exp((scores[from + key]! - most) * Math.LN2);
        for (let key = 0; key < tokens; key++) values[to + key]! /= sum;
      }
    }
  }
  return { shape: [images, heads, count, tokens], values };
}
