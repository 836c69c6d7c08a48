import { LINE, roundUp } from "../wasm/linear-memory.ts";
import type { PlacedLinear } from "../wasm-encoder/place-parameters.ts";
import { filled, strideOf, WHOLE_TILES } from "../wasm/rows.ts";
import type { Places } from "./padded-map.ts";
import type { CnnMachine } from "./scratch.ts";
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

/** How rows are shared, the scratch of a thread, and what of a frame one algorithm alone has. */
type Shares = {
  readonly rows: number;
  readonly chunkRows: number;
  readonly scratchBytes: number;
  readonly own: readonly number[];
};

/** Writes the frame of one convolution of a batch, and tells what runs it. */
export function layOutConvolution(
  { memory, threads, run, scratch }: CnnMachine,
  convolution: Convolution,
  from: Places,
  to: Places,
  residual?: Places, // added before the activation; it lies as `to`, and may be it
): () => void {
  const { algorithm, size, stride, inputs, outputs, placed, activation } = convolution;
  const isDirect = algorithm === "direct";
  const shares = isDirect ? shareDirect(convolution, from, to) : shareTiles(convolution, to, threads);
  const { rows, chunkRows, scratchBytes, own } = shares;
  scratch.want(threads * scratchBytes);
  const columns = filled(outputs);
  const across = threads === 1 ? 1 : Math.ceil((SHARES * threads * chunkRows) / rows);
  const first = from.first - (size >> 1) * (from.line + from.stride); // padded by k // 2
  // a `Convolution` of assembly/convolution.ts, field by field behind its scratch, and what its own kernel adds
  const fields = [
    scratchBytes,
    ...[to.width, to.height, columns],
    ...[first, stride * from.stride, stride * from.line, from.image, isDirect ? size * inputs : inputs],
    ...[placed.kernel, placed.bias, activation],
    ...[to.first, to.stride, to.line, to.image, residual?.first ?? 0],
    ...[rows, chunkRows, filled(columns / across), 0, ...own],
  ];
  const frame = memory.take((1 + fields.length) * 4);
  return () => {
    memory.integers(frame, 1 + fields.length).set([scratch.address, ...fields]); // all of its chunks are to be taken
    run({ name: isDirect ? "convolve" : "convolveTiles", frame, layer: 0 });
  };
}

/** assembly/convolve.ts: rows are positions. */
function shareDirect({ size }: Convolution, from: Places, to: Places): Shares {
  const rows = to.batch * to.width * to.height;
  const chunkRows = Math.min(roundUp(rows, WHOLE_TILES), MOST_ROWS);
  return { rows, chunkRows, scratchBytes: roundUp(chunkRows * 8, LINE), own: [size, from.line] };
}

/** assembly/winograd.ts: rows are tiles. */
function shareTiles({ inputs }: Convolution, to: Places, threads: number): Shares {
  const rows = to.batch * countTiles(to);
  const termStride = strideOf(inputs);
  const near = MOST_BYTES / (TERMS * termStride);
  const together = threads === 1 ? near : Math.min(near, Math.max(FEWEST_TILES, rows / (SHARES * threads)));
  const chunkRows = roundUp(rows / Math.ceil(rows / together), WHOLE);
  // of a tile: its place, its terms, and of eight channels their products and its positions
  const scratchBytes = roundUp(chunkRows * (4 * 4 + TERMS * (termStride + 8 * 4) + 4 * 8 * 4), LINE);
  return { rows, chunkRows, scratchBytes, own: [termStride] };
}
