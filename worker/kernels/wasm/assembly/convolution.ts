/**
 * What either kernel of convolutions needs to know of one of them, for a batch, in memory, written by lay-out-convolution.ts
 * field by field, one i32 each. Maps are rows of channels, one for each position, with as many zeros around them as the
 * kernel reaches over; so a row of the kernel's taps is one piece of a map, and nothing is gathered.
 */
@unmanaged
export class Convolution {
  scratch: usize; // of all threads
  scratchBytes: i32; // of one
  width: i32; // of the map it makes, positions
  height: i32;
  columns: i32; // channels it makes, a multiple of eight
  // what it reads; strides are bytes, and those from output to output
  from: usize; // the first tap of the first position
  fromStride: i32; // from position to position
  fromLine: i32; // from line to line
  fromImage: i32;
  depth: i32; // floats that are read in one piece
  // parameters
  kernel: usize; // packed
  bias: usize;
  activation: i32;
  // what it makes
  to: usize;
  toStride: i32;
  toLine: i32;
  toImage: i32;
  residual: usize; // laid out as `to`; 0 for none
  // how it is shared: in chunks of positions or tiles, of all images, and of channels
  rows: i32;
  chunkRows: i32;
  chunkColumns: i32; // a multiple of eight
  next: i32; // the next chunk that nobody has taken
}

export function chunksAcross(step: Convolution): i32 {
  return (step.columns + step.chunkColumns - 1) / step.chunkColumns;
}

export function countChunks(step: Convolution): i32 {
  return chunksAcross(step) * ((step.rows + step.chunkRows - 1) / step.chunkRows);
}

export function scratchOf(step: Convolution, thread: i32): usize {
  return step.scratch + <usize>(thread * step.scratchBytes);
}

/** Where the count of `takeTask` is. */
export function nextOf(step: Convolution): usize {
  return changetype<usize>(step) + offsetof<Convolution>("next");
}
