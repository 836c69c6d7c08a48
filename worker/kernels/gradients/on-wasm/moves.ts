import {
  GatherV2,
  Slice,
  slice_util,
  Transpose,
  Unpack,
  util,
  type GatherV2Attrs,
  type KernelFunc,
  type SliceAttrs,
  type TensorInfo,
  type TransposeAttrs,
  type UnpackAttrs,
} from "@tensorflow/tfjs-core";
import { isOfWords, moveWords, wordsOf } from "./heap.ts";
import { replaceKernel } from "./replace-kernel.ts";

/** A part that lies in one piece; theirs copies the whole source to cut it out. */
const sliced =
  (original: KernelFunc): KernelFunc =>
  (call) => {
    const x = call.inputs.x as TensorInfo;
    const { begin, size } = call.attrs as unknown as SliceAttrs;
    const [starts, sizes] = slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
    if (!isOfWords(x) || !slice_util.isSliceContinous(x.shape, starts, sizes)) return original(call);
    const from = slice_util.computeFlatOffset(starts, util.computeStrides(x.shape));
    return moveWords(call, x, sizes, (all, part) => part.set(all.subarray(from, from + part.length)));
  };

/** The parts along the first axis; theirs copies the whole source for each. */
const unstacked =
  (original: KernelFunc): KernelFunc =>
  (call) => {
    const value = call.inputs.value as TensorInfo;
    const { axis } = call.attrs as unknown as UnpackAttrs;
    if (axis !== 0 || !isOfWords(value)) return original(call);
    const [count, ...shape] = value.shape as [number, ...number[]];
    return Array.from({ length: count }, (_, index) =>
      moveWords(call, value, shape, (all, part) =>
        part.set(all.subarray(index * part.length, (index + 1) * part.length)),
      ),
    );
  };

/** Rows chosen along one axis; theirs works out the place of every element anew. */
const gathered =
  (original: KernelFunc): KernelFunc =>
  (call) => {
    const { x, indices } = call.inputs as { x: TensorInfo; indices: TensorInfo };
    const { axis, batchDims } = call.attrs as unknown as GatherV2Attrs;
    if (batchDims !== 0 || !isOfWords(x)) return original(call);
    const at = util.parseAxisParam(axis, x.shape)[0]!;
    const [before, after] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
    const [outer, inner] = [util.sizeFromShape(before), util.sizeFromShape(after)];
    return moveWords(call, x, [...before, ...indices.shape, ...after], (all, chosen) => {
      const rows = wordsOf(call, indices);
      let next = 0;
      for (let block = 0; block < outer; block++) {
        for (const row of rows) {
          const from = (block * x.shape[at]! + row) * inner;
          for (let element = 0; element < inner; element++) chosen[next++] = all[from + element]!;
        }
      }
    });
  };

const MOST_AXES = 4;

/** A size or a stride for each axis of a loop, the missing ones in front. */
const padAxes = (numbers: readonly number[], missing: number) =>
  [...new Array<number>(MOST_AXES - numbers.length).fill(missing), ...numbers] as [number, number, number, number];

/** Axes in another order; theirs works out the place of every element anew. */
const transposed =
  (original: KernelFunc): KernelFunc =>
  (call) => {
    const x = call.inputs.x as TensorInfo;
    const { perm } = call.attrs as unknown as TransposeAttrs;
    if (perm.length > MOST_AXES || !isOfWords(x)) return original(call);
    const strides = util.computeStrides(x.shape).concat(1); // tfjs leaves the last one out
    const shape = perm.map((axis) => x.shape[axis]!);
    const sizes = padAxes(shape, 1);
    const steps = padAxes(
      perm.map((axis) => strides[axis]!),
      0,
    );
    return moveWords(call, x, shape, (from, to) => turn(from, to, sizes, steps));
  };

type Axes = readonly [number, number, number, number];

/** Reads `from` in the order in which four nested loops come by, `steps` words apart, into `to`. */
function turn(from: Int32Array, to: Int32Array, [a, b, c, d]: Axes, [stepA, stepB, stepC, stepD]: Axes): void {
  let next = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        let at = i * stepA + j * stepB + k * stepC;
        for (let l = 0; l < d; l++, at += stepD) to[next++] = from[at]!;
      }
    }
  }
}

/** Kernels that only move elements, on the backend's memory itself: in training they cost more than the arithmetic. */
export function registerMoves(): void {
  replaceKernel(Slice, (original) => sliced(original!));
  replaceKernel(Unpack, (original) => unstacked(original!));
  replaceKernel(GatherV2, (original) => gathered(original!));
  replaceKernel(Transpose, (original) => transposed(original!));
}
