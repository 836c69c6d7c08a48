import { activateStrip } from "./activation";
import { chunksAcross, Convolution, countChunks, nextOf, scratchOf } from "./convolution";
import { Tile, TILE_ROWS } from "./product";
import { takeTask } from "./tasks";

/** A convolution tap by tap: rows are positions, a chunk's are whole tiles of product.ts. Scratch: two pointers a row. */
@unmanaged
export class DirectConvolution extends Convolution {
  parts: i32; // rows of taps, of `depth` floats; the kernel is [parts · depth, columns]
  partStride: i32;
}

/** Convolves in chunks of positions and channels: each thread takes the next chunk until there is none. */
export function convolve(step: DirectConvolution, thread: i32): void {
  const places = scratchOf(step, thread);
  const across = chunksAcross(step);
  const chunks = countChunks(step);
  const next = nextOf(step);
  for (let chunk = takeTask(next); chunk < chunks; chunk = takeTask(next)) {
    const first = (chunk / across) * step.chunkRows;
    const rows = min(step.chunkRows, step.rows - first);
    findPlaces(step, first, rows, places);
    const column = (chunk % across) * step.chunkColumns;
    convolveRows(step, rows, places, column, min(step.chunkColumns, step.columns - column));
  }
}

/** Where each position reads and writes; behind the last, up to a whole tile, as the last. */
function findPlaces(step: DirectConvolution, first: i32, rows: i32, places: usize): void {
  const end = places + <usize>(rows * 8);
  for (let at = places, position = first; at < end;) {
    const line = position / step.width;
    const image = line / step.height;
    const y = line - image * step.height;
    let x = position - line * step.width;
    let from = step.from + <usize>(image * step.fromImage + y * step.fromLine + x * step.fromStride);
    let to = step.to + <usize>(image * step.toImage + y * step.toLine + x * step.toStride);
    for (; x < step.width && at < end; x++, position++, at += 8) {
      store<usize>(at, from);
      store<usize>(at, to, 4);
      from += step.fromStride;
      to += step.toStride;
    }
  }
  const last = load<u64>(end - 8);
  for (let row = rows; row % TILE_ROWS != 0; row++) store<u64>(places + <usize>(row * 8), last);
}

/** Strip after strip of eight channels. */
function convolveRows(step: DirectConvolution, rows: i32, places: usize, column: i32, columns: i32): void {
  const parts = step.parts;
  const depth = step.depth;
  const partStride = step.partStride;
  const stride = step.toStride;
  const activation = step.activation;
  const panelBytes = <usize>(parts * depth * 32);
  let kernel = step.kernel + <usize>(column >> 3) * panelBytes;
  let across = (<usize>column) << 2;
  const first = load<usize>(places, 4);
  const last = load<usize>(places + <usize>((rows - 1) * 8), 4);
  const span = <i32>(last - first) / stride + 1; // with the zeros between lines, which every activation leaves zeros
  for (const end = across + ((<usize>columns) << 2); across < end; across += 32, kernel += panelBytes) {
    const bias = step.bias + across;
    for (let row = 0, at = places; row < rows; row += TILE_ROWS, at += TILE_ROWS * 8) {
      const a0 = load<usize>(at);
      const a1 = load<usize>(at, 8);
      const a2 = load<usize>(at, 16);
      const a3 = load<usize>(at, 24);
      const a4 = TILE_ROWS > 4 ? load<usize>(at, 32) : 0;
      const a5 = TILE_ROWS > 4 ? load<usize>(at, 40) : 0;
      const c0 = load<usize>(at, 4) + across;
      const c1 = load<usize>(at, 12) + across;
      const c2 = load<usize>(at, 20) + across;
      const c3 = load<usize>(at, 28) + across;
      const c4 = TILE_ROWS > 4 ? load<usize>(at, 36) + across : 0;
      const c5 = TILE_ROWS > 4 ? load<usize>(at, 44) + across : 0;
      const beside = step.residual ? c0 + step.residual - step.to : 0;
      const there = rows - row;
      Tile.multiply(
        TILE_ROWS,
        a0,
        a1,
        a2,
        a3,
        a4,
        a5,
        parts,
        depth,
        partStride,
        kernel,
        bias,
        beside,
        there,
        c0,
        c1,
        c2,
        c3,
        c4,
        c5,
      );
    }
    if (activation != 0) activateStrip(activation, first + across, span, stride);
  }
}
