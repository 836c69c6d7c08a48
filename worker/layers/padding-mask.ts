import { tensor4d, type Tensor4D } from "@tensorflow/tfjs-core";
import { HIDDEN } from "./causal-mask.ts";

/**
 * `[B, 1, 1, count]`, added to attention scores: of `count` tokens, row b has `lengths[b]` real ones, and the padding
 * behind them gets no weight. `null` where no row is padded. A row without a real token would attend to all alike.
 */
export function paddingMask(lengths: readonly number[], count: number): Tensor4D | null {
  if (lengths.every((length) => length >= count)) return null;
  const mask = Float32Array.from({ length: lengths.length * count }, (_, at) =>
    at % count < lengths[Math.floor(at / count)]! ? 0 : HIDDEN,
  );
  return tensor4d(mask, [lengths.length, 1, 1, count]);
}
