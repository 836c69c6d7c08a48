import { attend } from "./attend";
import { Frame, layerAt } from "./frame";
import { normRows } from "./layer-norm";
import { packColumns, packRows } from "./pack";
import { product } from "./product";

/**
 * The steps of a run, in chunks of rows that need nothing of each other: each thread takes the next chunk until there
 * is none. Tokens of other chunks are read through their keys and values alone, which the step before has made; so one
 * meeting of all threads per block is enough.
 */

/** Rows of a chunk at the least: with fewer, weights would be fetched too often. */
const LEAST_ROWS = 12;

/** Embeds the images; with `ahead`, makes the first block's queries, keys and values. */
export function embed(frame: Frame, thread: i32, ahead: i32): void {
  const scratch = frame.scratch + <usize>thread * frame.scratchBytes;
  for (let first = take(frame); first >= 0; first = take(frame)) {
    const image = first / frame.reach;
    const token = first % frame.reach;
    const rows = rowsFrom(frame, first);
    embedRows(frame, image, token, rows, scratch);
    if (ahead) project(frame, 0, image, token, rows, scratch);
  }
}

/** Runs a block; with `ahead`, makes the next block's queries, keys and values. */
export function encode(frame: Frame, thread: i32, ahead: i32, layer: i32): void {
  const scratch = frame.scratch + <usize>thread * frame.scratchBytes;
  for (let first = take(frame); first >= 0; first = take(frame)) {
    const image = first / frame.reach;
    const token = first % frame.reach;
    const rows = rowsFrom(frame, first);
    encodeRows(frame, layer, image, token, rows, scratch);
    if (ahead) project(frame, layer + 1, image, token, rows, scratch);
  }
}

/** Attention alone: queries become what they found, in their place. */
export function attendOverMap(frame: Frame, thread: i32): void {
  const scratch = frame.scratch + <usize>thread * frame.scratchBytes;
  for (let first = take(frame); first >= 0; first = take(frame)) {
    const image = first / frame.reach;
    const token = first % frame.reach;
    const found = frame.queries + <usize>(image * frame.tokens + token) * frame.stride;
    attend(frame, image, token, rowsFrom(frame, first), 0, found, scratch);
  }
}

/** The first row of a chunk for this thread alone; −1 where all are taken. */
function take(frame: Frame): i32 {
  const next = changetype<usize>(frame) + offsetof<Frame>("next");
  const end = frame.batch * frame.reach;
  for (let first = atomic.load<i32>(next); first < end;) {
    const found = atomic.cmpxchg<i32>(next, first, first + rowsFrom(frame, first));
    if (found == first) return first;
    first = found;
  }
  return -1;
}

/**
 * Rows of the chunk that begins at one of `batch · reach`, all of one image. Weights are fetched once for a chunk, so
 * there are few: each thread has an equal share of three quarters, and the last quarter is there for whoever is first.
 */
function rowsFrom(frame: Frame, first: i32): i32 {
  const threads = frame.threads;
  const total = frame.batch * frame.reach;
  const share = threads == 1 ? total : wholeFours((3 * total) / (4 * threads));
  const last = max(wholeFours((total - threads * share) / threads), LEAST_ROWS);
  const rows = min(first < threads * share ? share : last, frame.chunkRows);
  return min(rows, frame.reach - (first % frame.reach));
}

/** Rounded up: keys are packed in fours. */
function wholeFours(rows: i32): i32 {
  return (rows + 3) & ~3;
}

function statesOf(frame: Frame, image: i32, token: i32): usize {
  return frame.states + <usize>(image * frame.tokens + token) * frame.stride;
}

/** Prefix tokens as they stand; patches gathered, projected, and their positions added. */
function embedRows(frame: Frame, image: i32, first: i32, rows: i32, scratch: usize): void {
  const stride = <usize>frame.stride;
  let token = first;
  for (; token < min(frame.prefix, first + rows); token++) {
    memory.copy(statesOf(frame, image, token), frame.prefixRows + <usize>token * stride, stride);
  }
  const patches = first + rows - token;
  if (patches <= 0) return;
  const gathered = <usize>frame.gatheredStride;
  for (let patch = 0; patch < patches; patch++) {
    gatherPatch(frame, image, token - frame.prefix + patch, scratch + <usize>patch * gathered);
  }
  const to = statesOf(frame, image, token);
  const positions = frame.positions + <usize>(token - frame.prefix) * stride;
  const depth = (frame.patchHeight * frame.patchStride) >> 2;
  product(scratch, gathered, patches, depth, frame.patchKernel, frame.width, frame.patchBias, 0, positions, to, stride);
}

/** One patch of an image `[H, W, C]` → a row in the order (y, x, channel). */
function gatherPatch(frame: Frame, image: i32, patch: i32, to: usize): void {
  const down = (patch / frame.gridWidth) * frame.patchHeight * frame.imageStride;
  const across = (patch % frame.gridWidth) * frame.patchStride;
  let from = frame.images + <usize>image * frame.imageBytes + down + across;
  for (let y = 0; y < frame.patchHeight; y++, from += frame.imageStride, to += frame.patchStride) {
    memory.copy(to, from, frame.patchStride);
  }
}

/** LayerNorm, then queries, keys and values of a block; keys and values are packed for the products of its heads. */
function project(frame: Frame, layer: i32, image: i32, token: i32, rows: i32, scratch: usize): void {
  const block = layerAt(frame, layer);
  const width = frame.width;
  const stride = frame.stride;
  const wide = wideOf(frame, scratch);
  const states = statesOf(frame, image, token);
  const queries = frame.queries + (states - frame.states);
  normRows(rows, width, frame.epsilon, block.normBeforeScale, block.normBeforeShift, states, stride, scratch, stride);
  product(scratch, stride, rows, width, block.query, width, block.queryBias, 0, 0, queries, stride);
  product(scratch, stride, rows, width, block.keyValue, 2 * width, block.keyValueBias, 0, 0, wide, frame.wideStride);
  const headWidth = frame.headWidth;
  const first = ((layer & 1) * frame.batch + image) * frame.heads;
  for (let head = 0; head < frame.heads; head++) {
    const key = wide + <usize>(head * headWidth * 4);
    const value = key + <usize>(width * 4);
    const keys = frame.keys + <usize>(first + head) * frame.keyBytes;
    const values = frame.values + <usize>(first + head) * frame.valueBytes;
    packRows(key, frame.wideStride, rows, headWidth, token, keys);
    packColumns(value, frame.wideStride, rows, headWidth, token, frame.tokens, values);
  }
}

/** Both halves of a block, each added to the residual stream. */
function encodeRows(frame: Frame, layer: i32, image: i32, token: i32, rows: i32, scratch: usize): void {
  const block = layerAt(frame, layer);
  const width = frame.width;
  const stride = frame.stride;
  const wideStride = frame.wideStride;
  const wide = wideOf(frame, scratch);
  const states = statesOf(frame, image, token);
  attend(frame, image, token, rows, layer & 1, scratch, wide); // scores in the wide rows
  product(scratch, frame.mixedStride, rows, width, block.output, width, block.outputBias, 0, states, states, stride);
  normRows(rows, width, frame.epsilon, block.normAfterScale, block.normAfterShift, states, stride, scratch, stride);
  const inner = frame.inner;
  product(scratch, stride, rows, width, block.expand, inner, block.expandBias, frame.activation, 0, wide, wideStride);
  product(wide, wideStride, rows, inner, block.contract, width, block.contractBias, 0, states, states, stride);
}

/** Scratch of a thread: rows of `width`, behind them the wide rows, where scores and hidden units take turns. */
function wideOf(frame: Frame, scratch: usize): usize {
  return scratch + <usize>(frame.chunkRows * frame.mixedStride);
}
