import { LINE, roundUp } from "../wasm-encoder/linear-memory.ts";
import type { PlacedLinear } from "../wasm-encoder/place-parameters.ts";
import { filled, strideOf, WHOLE_TILES } from "../wasm-encoder/rows.ts";
import type { Machine } from "../wasm-encoder/wasm-engine.ts";
import type { Places } from "./padded-map.ts";
import { countTiles, TERMS } from "./winograd.ts";

/** Positions that go through a convolution together, of whole tiles: their share of the maps stays in the second-level cache. */
const MOST_ROWS = 96;

/** The same of Winograd's tiles: bytes of their terms, and how few of them weights are fetched for. */
const MOST_BYTES = 2 ** 19;
const FEWEST_TILES = 32;
const WHOLE = 6; // rows of a tile of the quicker build of the kernels

const SHARES = 4; // of one thread, at least

/** What a convolution is, but for the batch: k × k taps of `inputs` floats each, padded by k // 2. */
export type Convolution = {
  readonly algorithm: "direct" | "winograd"; // assembly/convolve.ts, assembly/winograd.ts
  readonly size: number; // 1 or 3 taps
  readonly stride: number;
  readonly inputs: number; // floats of a position that are read
  readonly outputs: number; // channels, filled up to eights
  readonly placed: PlacedLinear;
  readonly activation: number; // its number in assembly/activation.ts
};

/** Writes the frame of one convolution of a batch, and tells what runs it. */
export function layOutConvolution(
  machine: Machine,
  convolution: Convolution,
  from: Places,
  to: Places,
  residual?: Places, // added before the activation; it lies as `to`, and may be it
): () => void {
  const { memory, run } = machine;
  const isDirect = convolution.algorithm === "direct";
  const name = isDirect ? "convolve" : "convolveTiles";
  const fields = (isDirect ? directFields : winogradFields)(machine, convolution, from, to, residual?.first ?? 0);
  const frame = memory.take(fields.length * 4);
  return () => {
    memory.integers(frame, fields.length).set(fields); // all of its chunks are to be taken
    run({ name, frame, layer: 0 });
  };
}

/** A `Convolution` of assembly/convolve.ts, field by field. */
function directFields(
  { memory, threads }: Machine,
  { size, stride, inputs, outputs, placed, activation }: Convolution,
  from: Places,
  to: Places,
  residual: number,
): number[] {
  const { batch, width, height } = to;
  const rows = batch * width * height;
  const columns = filled(outputs);
  const chunkRows = Math.min(roundUp(rows, WHOLE_TILES), MOST_ROWS);
  const places = memory.take(threads * chunkRows * 8);
  return [
    ...[width, height, rows, columns],
    ...[firstRead(from, size), stride * from.stride, stride * from.line, from.image, size, size * inputs, from.line],
    ...[placed.kernel, placed.bias, activation],
    ...[to.first, to.stride, to.line, to.image, residual],
    ...[chunkRows, chunkColumns(threads, columns, chunkRows / rows), places, 0],
  ];
}

/** A `TiledConvolution` of assembly/winograd.ts, likewise. */
function winogradFields(
  { memory, threads }: Machine,
  { size, inputs, outputs, placed, activation }: Convolution,
  from: Places,
  to: Places,
  residual: number,
): number[] {
  const { batch, width, height } = to;
  const tiles = batch * countTiles(to);
  const columns = filled(outputs);
  const termStride = strideOf(inputs);
  const near = MOST_BYTES / (TERMS * termStride);
  const together = threads === 1 ? near : Math.min(near, Math.max(FEWEST_TILES, tiles / (SHARES * threads)));
  const chunkTiles = roundUp(tiles / Math.ceil(tiles / together), WHOLE);
  // of a tile: its place, its terms, and of eight channels their products and its positions
  const scratchBytes = roundUp(chunkTiles * (4 * 4 + TERMS * (termStride + 8 * 4) + 4 * 8 * 4), LINE);
  return [
    ...[width, height, tiles, columns],
    ...[firstRead(from, size), from.stride, from.line, from.image, inputs],
    ...[placed.kernel, placed.bias, activation],
    ...[to.first, to.stride, to.line, to.image, residual],
    ...[chunkTiles, chunkColumns(threads, columns, chunkTiles / tiles), termStride],
    ...[memory.take(threads * scratchBytes), scratchBytes, 0],
  ];
}

/** What the first tap of the first position reads, padded by k // 2. */
const firstRead = ({ first, line, stride }: Places, size: number): number => first - (size >> 1) * (line + stride);

/** Channels of a chunk that is such a share of the rows. */
const chunkColumns = (threads: number, columns: number, share: number): number =>
  filled(columns / (threads === 1 ? 1 : Math.ceil(SHARES * threads * share)));
