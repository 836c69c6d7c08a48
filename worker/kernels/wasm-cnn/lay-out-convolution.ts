import { roundUp } from "../wasm-encoder/linear-memory.ts";
import type { PlacedLinear } from "../wasm-encoder/place-parameters.ts";
import { filled, WHOLE_TILES } from "../wasm-encoder/rows.ts";
import type { Machine } from "../wasm-encoder/wasm-engine.ts";
import type { Places } from "./padded-map.ts";

/** Positions that go through a convolution together, of whole tiles: their share of the maps stays in the second-level cache. */
const MOST_ROWS = 96;

const SHARES = 4; // of one thread, at least

/** What a convolution is, but for the batch: k × k taps of `inputs` floats each, padded by k // 2. */
export type Convolution = {
  readonly size: number; // 1 or 3 taps
  readonly stride: number;
  readonly inputs: number; // floats of a position that are read
  readonly outputs: number; // channels, filled up to eights
  readonly placed: PlacedLinear;
  readonly activation: number; // its number in assembly/activation.ts
};

/** Writes the frame of one convolution of a batch, and tells what runs it. */
export function layOutConvolution(
  { memory, threads, run }: Machine,
  { size, stride, inputs, outputs, placed, activation }: Convolution,
  from: Places,
  to: Places,
  residual?: Places, // added before the activation; it lies as `to`, and may be it
): () => void {
  const { batch, width, height } = to;
  const rows = batch * width * height;
  const columns = filled(outputs);
  const chunkRows = Math.min(roundUp(rows, WHOLE_TILES), MOST_ROWS);
  const across = threads === 1 ? 1 : Math.ceil((SHARES * threads * chunkRows) / rows);
  const first = from.first - (size >> 1) * (from.line + from.stride); // padded by k // 2
  const places = memory.take(threads * chunkRows * 8);
  // a `Convolution` of assembly/convolve.ts, field by field
  const fields = [
    ...[width, height, rows, columns],
    ...[first, stride * from.stride, stride * from.line, from.image, size, size * inputs, from.line],
    ...[placed.kernel, placed.bias, activation],
    ...[to.first, to.stride, to.line, to.image, residual?.first ?? 0],
    ...[chunkRows, filled(columns / across), places, 0],
  ];
  const frame = memory.take(fields.length * 4);
  return () => {
    memory.integers(frame, fields.length).set(fields); // all of its chunks are to be taken
    run({ name: "convolve", frame, layer: 0 });
  };
}
