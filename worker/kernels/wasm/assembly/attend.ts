import { Frame } from "./frame";
import { product } from "./product";
import { softmaxRows } from "./softmax";

/** Queries that go through a head together: their scores stay in the first-level cache. */
const QUERY_ROWS = 12; // encoder-frame.ts leaves room for as many

/**
 * Scaled dot-product attention of some tokens of one image with all of its tokens, in one head → its columns of `normed`.
 * `token` is the first of them; columns behind the head's last, up to a multiple of eight, are overwritten.
 */
export function attendTo(frame: Frame, image: i32, head: i32, token: i32, rows: i32, scores: usize): void {
  const slot = <usize>(image * frame.heads + head);
  const keys = frame.keys + slot * <usize>frame.keyBytes;
  const values = frame.values + slot * <usize>frame.valueBytes;
  const across = (<usize>(head * frame.headWidth)) << 2;
  const end = token + rows;
  for (; token < end; token += QUERY_ROWS) {
    const count = min(QUERY_ROWS, end - token);
    const row = <usize>(image * frame.tokens + token);
    const query = frame.wide + row * <usize>frame.wideStride + across;
    const to = frame.normed + row * <usize>frame.normedStride + across;
    product(query, frame.wideStride, count, frame.headWidth, keys, frame.tokens, 0, 0, 0, scores, frame.scoreStride);
    softmaxRows(count, frame.tokens, scores, frame.scoreStride);
    if (frame.attention) keepWeights(frame, image, head, token, count, scores);
    product(scores, frame.scoreStride, count, frame.tokens, values, frame.headWidth, 0, 0, 0, to, frame.normedStride);
  }
}

function keepWeights(frame: Frame, image: i32, head: i32, token: i32, rows: i32, weights: usize): void {
  const bytes = (<usize>frame.tokens) << 2;
  let to = frame.attention + <usize>((image * frame.heads + head) * frame.tokens + token) * bytes;
  for (let row = 0; row < rows; row++, to += bytes, weights += frame.scoreStride) memory.copy(to, weights, bytes);
}
