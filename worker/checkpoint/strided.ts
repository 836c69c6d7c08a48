import { elementCount, type HostTensor } from "../contract/host-tensor.ts";
import { DTYPE_BYTES } from "./safetensors.ts";

type Numbers = Pick<HostTensor, "dtype" | "bytes">;

/** How a tensor lies among some numbers, all in elements: (i, j, …) stands at offset + i · strides[0] + j · strides[1] + … */
export type Strided = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
};

/** How many of the numbers there must be. */
export const reach = ({ shape, strides, offset }: Strided): number =>
  shape.includes(0) ? 0 : offset + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1);

/** The tensor that lies so among numbers: a view where it is row-major already, else copied whenever it is read. */
export function stridedTensor({ dtype, bytes }: Numbers, place: Strided): HostTensor {
  const { shape, offset } = place;
  const size = DTYPE_BYTES[dtype];
  const first = offset * size;
  if (isRowMajor(place)) return { dtype, shape, bytes: bytes.subarray(first, first + elementCount(shape) * size) };
  return {
    dtype,
    shape,
    get bytes() {
      return gather(bytes, size, place);
    },
  };
}

function isRowMajor({ shape, strides }: Strided): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

/** Bits are moved as integers: a number's might change. */
function gather(bytes: Uint8Array, size: number, { shape, strides, offset }: Strided): Uint8Array {
  const Elements = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[size] ?? BigUint64Array;
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const from = new Elements(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.length / size);
  const to = new Elements(elementCount(shape));
  const [columns = 1, step = 1] = [shape.at(-1), strides.at(-1)];
  const outer = shape.slice(0, -1);
  for (let row = 0; row * columns < to.length; row++) {
    let at = offset;
    for (let axis = outer.length - 1, rest = row; axis >= 0; axis--) {
      at += (rest % outer[axis]!) * strides[axis]!;
      rest = Math.floor(rest / outer[axis]!);
    }
    for (let column = 0; column < columns; column++) to[row * columns + column] = from[at + column * step]!;
  }
  return new Uint8Array(to.buffer);
}
