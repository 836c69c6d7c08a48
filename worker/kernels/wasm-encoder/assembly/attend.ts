import { Frame } from "./frame";
import { product } from "./product";
import { softmaxRows } from "./softmax";

/** Queries that go through a head together: their scores stay in the first-level cache. */
const QUERY_ROWS = 12; // encoder-frame.ts leaves room for as many

/**
 * Scaled dot-product attention of some tokens of one image with all of its tokens, head after head → `mixed`
 * `[rows, width]`. `token` is the first of them; `half` says which half of the keys and values to read.
 */
export function attend(frame: Frame, image: i32, token: i32, rows: i32, half: i32, mixed: usize, scores: usize): void {
  const stride = <usize>frame.stride;
  const headBytes = (<usize>frame.headWidth) << 2;
  const queries = frame.queries + <usize>(image * frame.tokens + token) * stride;
  for (let head = 0; head < frame.heads; head++) {
    const slot = <usize>((half * frame.batch + image) * frame.heads + head);
    const keys = frame.keys + slot * <usize>frame.keyBytes;
    const values = frame.values + slot * <usize>frame.valueBytes;
    const across = <usize>head * headBytes;
    for (let row = 0; row < rows; row += QUERY_ROWS) {
      const count = min(QUERY_ROWS, rows - row);
      const query = queries + <usize>row * stride + across;
      const to = mixed + <usize>row * frame.mixedStride + across;
      product(query, stride, count, frame.headWidth, keys, frame.tokens, 0, 0, 0, scores, frame.scoreStride);
      softmaxRows(count, frame.tokens, scores, frame.scoreStride);
      if (frame.attention) keepWeights(frame, image, head, token + row, count, scores);
      // columns behind the head's last are the next head's, which comes later, or nobody's
      product(scores, frame.scoreStride, count, frame.tokens, values, frame.headWidth, 0, 0, 0, to, frame.mixedStride);
    }
  }
}

function keepWeights(frame: Frame, image: i32, head: i32, token: i32, rows: i32, weights: usize): void {
  const bytes = (<usize>frame.tokens) << 2;
  let to = frame.attention + <usize>((image * frame.heads + head) * frame.tokens + token) * bytes;
  for (let row = 0; row < rows; row++, to += bytes, weights += frame.scoreStride) memory.copy(to, weights, bytes);
}
