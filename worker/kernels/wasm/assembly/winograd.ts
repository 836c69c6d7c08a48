import { activateStrip } from "./activation";
import { chunksAcross, Convolution, countChunks, nextOf, scratchOf } from "./convolution";
import { fetchPanel, multiplyPanel } from "./product";
import { takeTask } from "./tasks";

/**
 * One convolution of 3 × 3 taps and stride 1 of a batch, in tiles of 2 × 2 positions, by Winograd's F(2 × 2, 3 × 3) (Lavin
 * and Gray, Fast Algorithms for Convolutional Neural Networks, 2016). The 4 × 4 positions d that a tile reads become 16
 * terms t of a channel; a term's channels are multiplied by its own kernel; and the 16 products m become the tile y:
 *
 *   t = Bᵀ d B   of lines, and of positions alike:   t0 = d0 − d2   t1 = d1 + d2   t2 = d2 − d1   t3 = d1 − d3
 *   y = Aᵀ m A                                       y0 = m0 + m1 + m2   y1 = m1 − m2 − m3
 *
 * Rows are tiles. One at the edge of an odd side reads on behind the zeros, which its second line or position alone depends
 * on, and that is not there. Scratch: places of a chunk, terms [16, tiles, depth], products [16, tiles, 8], positions
 * [tiles, 4, 8].
 */
@unmanaged
export class TiledConvolution extends Convolution {
  termStride: i32; // bytes from tile to tile; the kernel is [16 · depth, columns]
}

/** Where a tile reads and writes. */
@unmanaged
class Place {
  from: usize;
  to: usize;
  right: usize; // bytes to the position beside, 0 where there is none
  below: usize;
}

const TERMS = 16;
const STRIP: usize = 32; // bytes of eight channels

/** Convolves in chunks of tiles and channels: each thread takes the next chunk until there is none. */
export function convolveTiles(step: TiledConvolution, thread: i32): void {
  const places = scratchOf(step, thread);
  const terms = places + <usize>step.chunkRows * offsetof<Place>();
  const across = chunksAcross(step);
  const chunks = countChunks(step);
  const next = nextOf(step);
  for (let chunk = takeTask(next), there = -1; chunk < chunks; chunk = takeTask(next)) {
    const first = (chunk / across) * step.chunkRows;
    const tiles = min(step.chunkRows, step.rows - first);
    if (first != there) {
      there = first;
      findPlaces(step, first, tiles, places);
      readTiles(step, tiles, places, terms);
    }
    const column = (chunk % across) * step.chunkColumns;
    multiplyTerms(step, tiles, places, terms, column, min(step.chunkColumns, step.columns - column));
  }
}

function findPlaces(step: TiledConvolution, first: i32, tiles: i32, places: usize): void {
  const across = (step.width + 1) >> 1;
  const down = (step.height + 1) >> 1;
  for (let tile = first; tile < first + tiles; tile++, places += offsetof<Place>()) {
    const line = tile / across;
    const image = line / down;
    const x = 2 * (tile - line * across);
    const y = 2 * (line - image * down);
    const place = changetype<Place>(places);
    place.from = step.from + <usize>(image * step.fromImage + y * step.fromLine + x * step.fromStride);
    place.to = step.to + <usize>(image * step.toImage + y * step.toLine + x * step.toStride);
    place.right = x + 1 < step.width ? step.toStride : 0;
    place.below = y + 1 < step.height ? step.toLine : 0;
  }
}

/** Maps → terms. */
function readTiles(step: TiledConvolution, tiles: i32, places: usize, terms: usize): void {
  const termBytes = <usize>(step.chunkRows * step.termStride);
  const stride = step.fromStride;
  const line = step.fromLine;
  const depthBytes = (<usize>step.depth) << 2;
  for (let tile = 0; tile < tiles; tile++, places += offsetof<Place>(), terms += step.termStride) {
    const from = changetype<Place>(places).from;
    for (let channel: usize = 0; channel < depthBytes; channel += 16) {
      const d0 = from + channel;
      const d1 = d0 + line;
      const d2 = d1 + line;
      const d3 = d2 + line;
      const to = terms + channel;
      Transform.readLine(false, d0, d2, stride, to, termBytes);
      Transform.readLine(true, d1, d2, stride, to + 4 * termBytes, termBytes);
      Transform.readLine(false, d2, d1, stride, to + 8 * termBytes, termBytes);
      Transform.readLine(false, d1, d3, stride, to + 12 * termBytes, termBytes);
    }
  }
}

/** Terms → maps, strip after strip of eight channels. */
function multiplyTerms(
  step: TiledConvolution,
  tiles: i32,
  places: usize,
  terms: usize,
  column: i32,
  columns: i32,
): void {
  const depth = step.depth;
  const termStride = step.termStride;
  const termBytes = <usize>(step.chunkRows * termStride);
  const panelBytes = (<usize>depth) << 5;
  const productBytes = <usize>tiles * STRIP;
  const products = terms + TERMS * termBytes;
  const positions = products + TERMS * productBytes;
  let kernel = step.kernel + <usize>(column >> 3) * TERMS * panelBytes;
  let across = (<usize>column) << 2;
  for (const end = across + ((<usize>columns) << 2); across < end; across += STRIP) {
    let term = terms;
    for (let product = products; product < positions; product += productBytes) {
      fetchPanel(kernel, panelBytes);
      multiplyPanel(term, termStride, tiles, depth, kernel, 0, 0, 0, product, STRIP);
      term += termBytes;
      kernel += panelBytes;
    }
    joinProducts(step, tiles, places, across, products, productBytes, positions);
    if (step.activation != 0) activateStrip(step.activation, positions, 4 * tiles, STRIP);
    writeTiles(tiles, places, across, positions);
  }
}

/** Products → tiles, bias and residual added. */
function joinProducts(
  step: TiledConvolution,
  tiles: i32,
  places: usize,
  across: usize,
  products: usize,
  productBytes: usize,
  to: usize,
): void {
  const left = v128.load(step.bias + across);
  const right = v128.load(step.bias + across, 16);
  const beside = step.residual + across - step.to;
  for (let tile = 0; tile < tiles; tile++, places += offsetof<Place>(), products += STRIP, to += 4 * STRIP) {
    Transform.join(products, productBytes, left, to);
    Transform.join(products + 16, productBytes, right, to + 16);
    if (!step.residual) continue;
    const place = changetype<Place>(places);
    const residual = place.to + beside;
    addStrip(residual, to);
    addStrip(residual + place.right, to + STRIP);
    addStrip(residual + place.below, to + 2 * STRIP);
    addStrip(residual + place.below + place.right, to + 3 * STRIP);
  }
}

/** Tiles → maps. What is not there is written where the next goes. */
function writeTiles(tiles: i32, places: usize, across: usize, from: usize): void {
  for (let tile = 0; tile < tiles; tile++, places += offsetof<Place>(), from += 4 * STRIP) {
    const place = changetype<Place>(places);
    const to = place.to + across;
    copyStrip(from + 3 * STRIP, to + place.below + place.right);
    copyStrip(from + 2 * STRIP, to + place.below);
    copyStrip(from + STRIP, to + place.right);
    copyStrip(from, to);
  }
}

function addStrip(from: usize, to: usize): void {
  v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
}

function copyStrip(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

class Transform {
  /** Four positions of the sum of two lines, or of their difference → four terms. */
  @inline static readLine(isSum: bool, a: usize, b: usize, stride: usize, to: usize, termBytes: usize): void {
    const d0 = Transform.sumOrDifference(isSum, a, b);
    const d1 = Transform.sumOrDifference(isSum, a + stride, b + stride);
    const d2 = Transform.sumOrDifference(isSum, a + 2 * stride, b + 2 * stride);
    const d3 = Transform.sumOrDifference(isSum, a + 3 * stride, b + 3 * stride);
    v128.store(to, f32x4.sub(d0, d2));
    v128.store(to + termBytes, f32x4.add(d1, d2));
    v128.store(to + 2 * termBytes, f32x4.sub(d2, d1));
    v128.store(to + 3 * termBytes, f32x4.sub(d1, d3));
  }

  @inline static sumOrDifference(isSum: bool, a: usize, b: usize): v128 {
    return isSum ? f32x4.add(v128.load(a), v128.load(b)) : f32x4.sub(v128.load(a), v128.load(b));
  }

  /** 16 products of four channels → their tile. */
  @inline static join(m: usize, productBytes: usize, bias: v128, to: usize): void {
    const line = 4 * productBytes;
    const y00 = Transform.upper(m, line);
    const y10 = Transform.lower(m, line);
    m += productBytes;
    const y01 = Transform.upper(m, line);
    const y11 = Transform.lower(m, line);
    m += productBytes;
    const y02 = Transform.upper(m, line);
    const y12 = Transform.lower(m, line);
    m += productBytes;
    const y03 = Transform.upper(m, line);
    const y13 = Transform.lower(m, line);
    v128.store(to, f32x4.add(f32x4.add(f32x4.add(y00, y01), y02), bias));
    v128.store(to + STRIP, f32x4.add(f32x4.sub(f32x4.sub(y01, y02), y03), bias));
    v128.store(to + 2 * STRIP, f32x4.add(f32x4.add(f32x4.add(y10, y11), y12), bias));
    v128.store(to + 3 * STRIP, f32x4.add(f32x4.sub(f32x4.sub(y11, y12), y13), bias));
  }

  @inline static upper(m: usize, line: usize): v128 {
    return f32x4.add(f32x4.add(v128.load(m), v128.load(m + line)), v128.load(m + 2 * line));
  }

  @inline static lower(m: usize, line: usize): v128 {
    return f32x4.sub(f32x4.sub(v128.load(m + line), v128.load(m + 2 * line)), v128.load(m + 3 * line));
  }
}
