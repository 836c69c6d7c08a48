import { util, type DataType, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";

/** What tfjs's wasm backend gives kernels to work with; its own kernels use no more. */
type Heap = {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  /** A view, not a copy; it is void once something is allocated. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
};

export type Call = Parameters<KernelFunc>[0];

/** Whether a tensor's elements are words of 32 bits on the backend's memory. */
export const isOfWords = ({ dtype }: TensorInfo): boolean => dtype === "float32" || dtype === "int32";

/** A tensor's elements as they lie in the backend's memory: words, whatever they mean, so that loops see one type. */
export function wordsOf({ backend }: Call, tensor: TensorInfo): Int32Array {
  const { buffer, byteOffset } = (backend as unknown as Heap).typedArrayFromHeap(tensor);
  return new Int32Array(buffer, byteOffset, util.sizeFromShape(tensor.shape));
}

/** A new tensor like `source` but of another shape, filled by `move`. */
export function moveWords(
  call: Call,
  source: TensorInfo,
  shape: number[],
  move: (from: Int32Array, to: Int32Array) => void,
): TensorInfo {
  const made = (call.backend as unknown as Heap).makeOutput(shape, source.dtype);
  move(wordsOf(call, source), wordsOf(call, made));
  return made;
}
