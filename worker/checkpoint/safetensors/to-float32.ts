import type { HostDtype, HostTensor } from "../../contract/host-tensor.ts";
import { DTYPE_BYTES } from "./dtype-bytes.ts";
import { halfToFloatBits } from "./half-to-float-bits.ts";

type Widen = (buffer: ArrayBufferLike, offset: number, count: number) => Float32Array<ArrayBufferLike>;

// Typed arrays use the machine's byte order; every machine that runs JavaScript today is little-endian, as the format is.
const WIDEN: Readonly<Record<HostDtype, Widen>> = {
  F64: (buffer, offset, count) => Float32Array.from(new Float64Array(buffer, offset, count)),
  F32: (buffer, offset, count) => new Float32Array(buffer, offset, count),
  F16: (buffer, offset, count) => fromHalves(new Uint16Array(buffer, offset, count)),
  BF16: (buffer, offset, count) => fromUpperHalves(new Uint16Array(buffer, offset, count)),
  I64: (buffer, offset, count) => Float32Array.from(new BigInt64Array(buffer, offset, count), Number),
  I32: (buffer, offset, count) => Float32Array.from(new Int32Array(buffer, offset, count)),
  I16: (buffer, offset, count) => Float32Array.from(new Int16Array(buffer, offset, count)),
  I8: (buffer, offset, count) => Float32Array.from(new Int8Array(buffer, offset, count)),
  U8: (buffer, offset, count) => Float32Array.from(new Uint8Array(buffer, offset, count)),
  BOOL: (buffer, offset, count) => Float32Array.from(new Uint8Array(buffer, offset, count)),
};

/**
 * A tensor's numbers, row-major, in float32. Wider types round to nearest; half types are exact, NaN payloads included.
 * Aligned F32 comes back as a view into the file, not a copy: do not write into it.
 */
export function toFloat32({ dtype, bytes }: HostTensor): Float32Array<ArrayBufferLike> {
  const size = DTYPE_BYTES[dtype];
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return WIDEN[dtype](aligned.buffer, aligned.byteOffset, bytes.length / size);
}

// Bits are moved as integers: writing a NaN as a number may change its payload. Two plain loops, since a function
// called per element takes several times as long.

function fromHalves(halves: Uint16Array): Float32Array {
  const table = halfToFloatBits();
  const bits = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) bits[at] = table[halves[at]!]!;
  return new Float32Array(bits.buffer);
}

function fromUpperHalves(uppers: Uint16Array): Float32Array {
  const bits = new Uint32Array(uppers.length);
  for (let at = 0; at < uppers.length; at++) bits[at] = uppers[at]! << 16;
  return new Float32Array(bits.buffer);
}
