import { attendTo } from "./attend";
import { Frame, layerAt } from "./frame";
import { normRows } from "./layer-norm";
import { packColumns, packRows } from "./pack";
import { product } from "./product";
import { productBySums, sumQuarters } from "./strassen";
import { takeTask } from "./tasks";

/**
 * The steps of a run, each in tasks that need nothing of each other: each thread takes the next task until there is
 * none. Of a product a task is some columns, so that all threads together fetch every weight once, and a thread that is
 * slower than the others keeps nobody waiting.
 */

/** Rows of a task of a norm, of the embedding, and of attention. */
const NORM_ROWS = 12;
const PATCH_ROWS = 24; // encoder-frame.ts leaves room for as many
const QUERIES = 48;

/** Columns of a task of a product: whole cache lines, which no two threads write to. */
const COLUMNS = 32;

/** Tokens of some images: prefix tokens as they stand; patches gathered, projected, and their positions added. */
export function embed(frame: Frame, thread: i32): void {
  const scratch = scratchOf(frame, thread);
  const parts = partsOf(frame.tokens, PATCH_ROWS);
  const tasks = frame.batch * parts;
  for (let task = take(frame); task < tasks; task = take(frame)) {
    const token = (task % parts) * PATCH_ROWS;
    embedRows(frame, task / parts, token, min(PATCH_ROWS, frame.tokens - token), scratch);
  }
}

/** The norm before attention. */
export function normBefore(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  norm(frame, block.normBeforeScale, block.normBeforeShift);
}

/** Queries. */
export function projectQueries(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  fromNormed(frame, thread, block.query, frame.width, block.queryBias, 0, frame.wide);
}

/** Keys and values. */
export function projectKeysValues(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  const to = frame.wide + ((<usize>frame.width) << 2);
  fromNormed(frame, thread, block.keyValue, 2 * frame.width, block.keyValueBias, 0, to);
}

/** Keys and values of every head are packed for its products. */
export function packHeads(frame: Frame, thread: i32): void {
  const tokens = frame.tokens;
  const headWidth = frame.headWidth;
  const stride = frame.wideStride;
  const tasks = frame.batch * frame.heads;
  for (let task = take(frame); task < tasks; task = take(frame)) {
    const image = task / frame.heads;
    const head = task % frame.heads;
    const key = frame.wide + <usize>(image * tokens) * <usize>stride + ((<usize>(frame.width + head * headWidth)) << 2);
    const value = key + ((<usize>frame.width) << 2);
    packRows(key, stride, tokens, headWidth, frame.keys + <usize>task * frame.keyBytes);
    packColumns(value, stride, tokens, headWidth, frame.values + <usize>task * frame.valueBytes);
  }
}

/** Attention, head by head. Where a head ends within a panel, what stands behind it is the next one's, which comes later. */
export function attend(frame: Frame, thread: i32): void {
  const scores = scratchOf(frame, thread);
  const together = (frame.headWidth & 7) == 0 ? 1 : frame.heads;
  const groups = frame.heads / together;
  const parts = partsOf(frame.reach, QUERIES);
  const tasks = frame.batch * groups * parts;
  for (let task = take(frame); task < tasks; task = take(frame)) {
    const token = (task % parts) * QUERIES;
    const group = task / parts;
    const first = (group % groups) * together;
    const rows = min(QUERIES, frame.reach - token);
    for (let head = first; head < first + together; head++) {
      attendTo(frame, group / groups, head, token, rows, scores);
    }
  }
}

/** What attention found is projected and added to the states. */
export function projectOutput(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  addToStates(frame, frame.normed, frame.normedStride, frame.width, block.output, block.outputBias);
}

/** The norm after attention. */
export function normAfter(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  norm(frame, block.normAfterScale, block.normAfterShift);
}

/** Hidden units. */
export function expand(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  fromNormed(frame, thread, block.expand, frame.inner, block.expandBias, frame.activation, frame.wide);
}

/** Hidden units are projected and added to the states. */
export function contract(frame: Frame, thread: i32, layer: i32): void {
  const block = layerAt(frame, layer);
  addToStates(frame, frame.wide, frame.wideStride, frame.inner, block.contract, block.contractBias);
}

function take(frame: Frame): i32 {
  return takeTask(changetype<usize>(frame) + offsetof<Frame>("next"));
}

function scratchOf(frame: Frame, thread: i32): usize {
  return frame.scratch + <usize>thread * frame.scratchBytes;
}

/** How many parts of so many rows it takes. */
function partsOf(rows: i32, most: i32): i32 {
  return (rows + most - 1) / most;
}

/** The states of the tokens that are gone through → `normed`, and their sums where there is room for them. */
function norm(frame: Frame, scale: usize, shift: usize): void {
  const parts = partsOf(frame.reach, NORM_ROWS);
  const tasks = frame.batch * parts;
  for (let task = take(frame); task < tasks; task = take(frame)) {
    const token = (task % parts) * NORM_ROWS;
    const image = task / parts;
    const row = <usize>(image * frame.tokens + token);
    const rows = min(NORM_ROWS, frame.reach - token);
    const from = frame.states + row * frame.stride;
    const to = frame.normed + row * frame.normedStride;
    normRows(rows, frame.width, frame.epsilon, scale, shift, from, frame.stride, to, frame.normedStride);
    if (frame.sums) {
      sumQuarters(
        rows,
        frame.width,
        to,
        frame.normedStride,
        sumsAt(frame, image, token),
        frame.sumStride,
        frame.sumBytes,
      );
    }
  }
}

/** The sums of an image's tokens from an even one on. */
function sumsAt(frame: Frame, image: i32, token: i32): usize {
  return frame.sums + <usize>(image * partsOf(frame.tokens, 2) + (token >> 1)) * frame.sumStride;
}

/** activation(normed · b + bias) → some columns of the wide rows, from an address on. */
function fromNormed(frame: Frame, thread: i32, b: usize, columns: i32, bias: usize, activation: i32, to: usize): void {
  if (frame.sums) return fromSums(frame, scratchOf(frame, thread), b, columns, bias, activation, to);
  const width = frame.width;
  multiply(frame, frame.normed, frame.normedStride, width, b, columns, bias, activation, 0, to, frame.wideStride);
}

/**
 * The same by strassen.ts, of all tokens. Pairs of rows are of one image, so that what is answered of it does not depend
 * on the others. A task is some columns of a block of an image's tokens, and the next task the same of the next block.
 */
function fromSums(frame: Frame, scratch: usize, b: usize, columns: i32, bias: usize, activation: i32, to: usize): void {
  const parts = partsOf(frame.tokens, frame.blockRows);
  const blocks = frame.batch * parts;
  const tasks = blocks * partsOf(columns, COLUMNS);
  for (let task = take(frame); task < tasks; task = take(frame)) {
    const block = task % blocks;
    const image = block / parts;
    const token = (block % parts) * frame.blockRows;
    const row = <usize>(image * frame.tokens + token);
    const column = (task / blocks) * COLUMNS;
    const across = (<usize>column) << 2;
    productBySums(
      frame.normed + row * frame.normedStride,
      frame.normedStride,
      min(frame.blockRows, frame.tokens - token),
      frame.width,
      sumsAt(frame, image, token),
      frame.sumStride,
      frame.sumBytes,
      b + across * frame.width,
      min(COLUMNS, columns - column),
      bias ? bias + across : 0,
      activation,
      to + row * frame.wideStride + across,
      frame.wideStride,
      scratch,
    );
  }
}

/** rows · b + bias is added to the states. */
function addToStates(frame: Frame, a: usize, aStride: usize, depth: i32, b: usize, bias: usize): void {
  const states = frame.states;
  multiply(frame, a, aStride, depth, b, frame.width, bias, 0, states, states, frame.stride);
}

/**
 * A product (see product.ts) of rows that lie as the tokens do: of all images as one, in equal blocks of rows, or of each
 * image's first tokens where no more are gone through. A task is some columns of one block, and the next task the same
 * columns of the next block.
 */
function multiply(
  frame: Frame,
  a: usize,
  aStride: usize,
  depth: i32,
  b: usize,
  columns: i32,
  bias: usize,
  activation: i32,
  residual: usize,
  c: usize,
  cStride: usize,
): void {
  const isWhole = frame.reach == frame.tokens;
  const all = isWhole ? frame.batch * frame.tokens : frame.reach;
  const most = isWhole ? frame.blockRows : frame.reach;
  const apart = isWhole ? most : frame.tokens; // rows from block to block
  const blocks = isWhole ? partsOf(all, most) : frame.batch;
  const strips = partsOf(columns, COLUMNS);
  const tasks = blocks * strips;
  for (let task = take(frame); task < tasks; task = take(frame)) {
    const first = <usize>((task % blocks) * apart);
    const rows = isWhole ? min(most, all - <i32>first) : most;
    const column = (task / blocks) * COLUMNS;
    const across = (<usize>column) << 2;
    const to = first * cStride + across;
    product(
      a + first * aStride,
      aStride,
      rows,
      depth,
      b + across * depth,
      min(COLUMNS, columns - column),
      bias ? bias + across : 0,
      activation,
      residual ? residual + to : 0,
      c + to,
      cStride,
    );
  }
}

/** Prefix tokens as they stand; patches gathered, projected, and their positions added. */
function embedRows(frame: Frame, image: i32, first: i32, rows: i32, scratch: usize): void {
  const stride = <usize>frame.stride;
  const states = frame.states + <usize>(image * frame.tokens) * stride;
  let token = first;
  for (; token < min(frame.prefix, first + rows); token++) {
    const at = <usize>token * stride;
    memory.copy(states + at, frame.prefixRows + at, stride);
  }
  const patches = first + rows - token;
  if (patches <= 0) return;
  const gathered = <usize>frame.gatheredStride;
  const patch = token - frame.prefix;
  for (let row = 0; row < patches; row++) gatherPatch(frame, image, patch + row, scratch + <usize>row * gathered);
  product(
    scratch,
    gathered,
    patches,
    (frame.patchHeight * frame.patchStride) >> 2,
    frame.patchKernel,
    frame.width,
    frame.patchBias,
    0,
    frame.positions + <usize>patch * stride,
    states + <usize>token * stride,
    stride,
  );
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
