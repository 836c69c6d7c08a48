import type { HostArray } from "../../contract/forward.ts";
import { prepareStep, QUERY_ROWS, writeFrame } from "../wasm-encoder/encoder-frame.ts";
import { roundUp } from "../wasm/linear-memory.ts";
import { packedBytes, strideOf } from "../wasm/rows.ts";
import { layOutConvolution } from "./lay-out-convolution.ts";
import { takeRows, type PaddedMap } from "./padded-map.ts";
import type { PlacedAttention } from "./place-convolutions.ts";
import type { CnnMachine } from "./scratch.ts";

/** The attention module of a batch of maps; its answer takes the place of the map. */
type LaidAttention = {
  readonly attend: (keepsWeights: boolean) => void;
  readonly weights: () => HostArray; // of the last time, `[B, 1, HW, HW]`
};

/** `inner`: channels of a query. `keeps`: with room for the weights. */
export function layOutAttention(
  machine: CnnMachine,
  { queryKeyValue, output }: PlacedAttention,
  map: PaddedMap,
  inner: number,
  keeps: boolean,
): LaidAttention {
  const { memory, threads, run } = machine;
  const rows = takeRows(memory, map, queryKeyValue.outputs); // query, key, value; then what the query found
  const { first, stride, batch } = rows;
  const tokens = rows.width * rows.height;
  const keyBytes = packedBytes(inner, tokens); // of one image
  const valueBytes = packedBytes(tokens, inner);
  const attention = keeps ? memory.take(batch * tokens * tokens * 4) : 0;
  const scoreStride = strideOf(tokens);
  const scratchBytes = roundUp(QUERY_ROWS * scoreStride, 64);
  const frame = writeFrame(memory, {
    batch,
    tokens,
    reach: tokens,
    heads: 1,
    width: inner,
    headWidth: inner,
    wide: first,
    wideStride: stride,
    normed: first,
    normedStride: stride,
    keyBytes,
    valueBytes,
    scoreStride,
    keys: memory.take(batch * keyBytes),
    values: memory.take(batch * valueBytes),
    scratchBytes,
    scratch: memory.take(threads * scratchBytes),
  });
  const project = layOutConvolution(machine, queryKeyValue, map, rows);
  const add = layOutConvolution(machine, output, rows, map, map);
  return {
    attend(keepsWeights) {
      project();
      for (const name of ["packHeads", "attend"] as const) {
        prepareStep(memory, frame, { attention: keepsWeights ? attention : 0 });
        run({ name, frame, layer: 0 });
      }
      add();
    },
    weights: () => ({
      shape: [batch, 1, tokens, tokens],
      values: memory.floats(attention, batch * tokens * tokens).slice(),
    }),
  };
}
