import type { EngineArray } from "../engine.ts";
import { chunkOf, prepareStep, QUERY_ROWS, writeFrame } from "../wasm-encoder/encoder-frame.ts";
import { roundUp } from "../wasm-encoder/linear-memory.ts";
import { packedBytes, strideOf } from "../wasm-encoder/rows.ts";
import type { Machine } from "../wasm-encoder/wasm-engine.ts";
import { layOutConvolution } from "./lay-out-convolution.ts";
import { takeRows, type PaddedMap } from "./padded-map.ts";
import type { PlacedAttention } from "./place-convolutions.ts";

/** The attention module of a batch of maps; its answer takes the place of the map. */
type LaidAttention = {
  readonly attend: (keepsWeights: boolean) => void;
  readonly weights: () => EngineArray; // of the last time, `[B, 1, HW, HW]`
};

/** `inner`: channels of a query. `keeps`: with room for the weights. */
export function layOutAttention(
  machine: Machine,
  { queryKeyValue, output }: PlacedAttention,
  map: PaddedMap,
  inner: number,
  keeps: boolean,
): LaidAttention {
  const { memory, kernels, threads, run } = machine;
  const rows = takeRows(memory, map, queryKeyValue.outputs); // query, key, value; then what the query found
  const { first: queries, stride, batch } = rows;
  const tokens = rows.width * rows.height;
  const keyBytes = packedBytes(inner, tokens); // of one image
  const valueBytes = packedBytes(tokens, inner);
  const keys = memory.take(batch * keyBytes);
  const values = memory.take(batch * valueBytes);
  const attention = keeps ? memory.take(batch * tokens * tokens * 4) : 0;
  const scoreStride = strideOf(tokens);
  const scratchBytes = roundUp(QUERY_ROWS * scoreStride, 64);
  const address = writeFrame(memory, {
    ...{ batch, tokens, heads: 1, headWidth: inner, stride, mixedStride: stride, scoreStride },
    ...{ queries, keys, values, keyBytes, valueBytes },
    ...{ chunkRows: chunkOf(tokens), scratchBytes, scratch: memory.take(threads * scratchBytes), threads },
  });
  const project = layOutConvolution(machine, queryKeyValue, map, rows);
  const add = layOutConvolution(machine, output, rows, map, map);
  return {
    attend(keepsWeights) {
      project();
      for (let image = 0; image < batch; image++) {
        const key = queries + image * rows.image + inner * 4;
        kernels.packRows(key, stride, tokens, inner, 0, keys + image * keyBytes);
        kernels.packColumns(key + inner * 4, stride, tokens, inner, 0, tokens, values + image * valueBytes);
      }
      prepareStep(memory, { address, attention }, keepsWeights, tokens);
      run({ name: "attendOverMap", frame: address, ahead: false, layer: 0 });
      add();
    },
    weights: () => ({
      shape: [batch, 1, tokens, tokens],
      values: memory.floats(attention, batch * tokens * tokens).slice(),
    }),
  };
}
