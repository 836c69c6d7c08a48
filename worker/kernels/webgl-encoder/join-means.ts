import type { HostArray } from "../../contract/forward.ts";
import type { EncoderPlan } from "../encoder-engine.ts";
import type { Dimensions } from "./dimensions.ts";

/** Rows `[B · T, stream]` of the residual stream, centred, with their means → tokens `[B, T, D]`. */
export function joinMeans(rows: Float32Array, { hiddenSize }: EncoderPlan, sizes: Dimensions): HostArray {
  const count = rows.length / sizes.stream;
  const values = new Float32Array(count * hiddenSize);
  for (let row = 0, to = 0; row < count; row++) {
    const from = row * sizes.stream;
    const mean = rows[from + sizes.width]!;
    for (let column = 0; column < hiddenSize; column++, to++) values[to] = rows[from + column]! + mean;
  }
  return { shape: [count / sizes.tokens, sizes.tokens, hiddenSize], values };
}
