import { elementCount, type HostDtype, type HostTensor, type HostTensors } from "../contract/host-tensor.ts";
import { DTYPE_BYTES } from "./safetensors.ts";
import { malformedWeights } from "./malformed-weights.ts";

const SUFFIX = ".npy";
const MAGIC = "\x93NUMPY"; // behind it the format's version, two bytes, and the header's length, of version 1 two, else four
const LONGEST_START = 12; // bytes before the header

/** NumPy has no bfloat16: JAX's is written as two bytes of no type. */
const DTYPES: Readonly<Record<string, HostDtype>> = {
  "<f8": "F64",
  "<f4": "F32",
  "<f2": "F16",
  "|V2": "BF16",
  "<i8": "I64",
  "<i4": "I32",
};

export const isNpz = (files: ReadonlyMap<string, Uint8Array>): boolean =>
  files.size > 0 && [...files.keys()].every((name) => name.endsWith(SUFFIX));

/**
 * The arrays that `numpy.savez` wrote, as views, from the files of its archive. Throws `weights-malformed`.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export const readNpz = (files: ReadonlyMap<string, Uint8Array>, what: string): HostTensors =>
  new Map([...files].map(([name, bytes]) => [name.slice(0, -SUFFIX.length), readArray(bytes, `${what}: ${name}`)]));

function readArray(bytes: Uint8Array, what: string): HostTensor {
  const { header, data } = readHeader(bytes, what);
  const descr = /'descr': '([^']*)'/.exec(header)?.[1] ?? "none";
  const dtype = DTYPES[descr];
  if (!dtype) throw malformedWeights(what, `dtype: wanted one of ${Object.keys(DTYPES).join(", ")}, got ${descr}`);
  if (!header.includes("'fortran_order': False")) throw malformedWeights(what, "wanted rows in C order, got Fortran's");
  const sizes = /'shape': \(([\d, ]*)\)/.exec(header)?.[1] ?? "";
  const shape = sizes.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
  const wanted = elementCount(shape) * DTYPE_BYTES[dtype];
  if (data.length !== wanted)
    throw malformedWeights(what, `[${shape.join(", ")}] wants ${wanted} bytes, got ${data.length}`);
  return { dtype, shape, bytes: data };
}

/** The Python dictionary that tells what an array is, as text, and the array's numbers. */
function readHeader(bytes: Uint8Array, what: string): { readonly header: string; readonly data: Uint8Array } {
  if (String.fromCharCode(...bytes.subarray(0, MAGIC.length)) !== MAGIC || bytes.length < LONGEST_START)
    throw malformedWeights(what, "wanted an array of NumPy's, got another kind of file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, length] = bytes[MAGIC.length] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const end = start + length;
  return { header: new TextDecoder().decode(bytes.subarray(start, end)), data: bytes.subarray(end) };
}
