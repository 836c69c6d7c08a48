import { VisionError } from "../../contract/errors.ts";
import { elementCount, type HostTensors } from "../../contract/host-tensor.ts";
import { DTYPE_BYTES } from "./dtype-bytes.ts";
import { LENGTH_BYTES } from "./parse-header.ts";

const ALIGNMENT = 8; // bytes; the reference writer pads the header with spaces, so that the data starts aligned

/**
 * A safetensors file: tensors by descending element size, then in the map's order, so that each one starts aligned.
 * Throws `safetensors-size` where a tensor's bytes do not match its shape, `invalid-argument` for a reserved name.
 */
export function writeSafetensors(
  tensors: HostTensors,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(([, a], [, b]) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  const entries: [string, unknown][] = metadata ? [["__metadata__", metadata]] : [];
  let dataBytes = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    if (name === "__metadata__") throw new VisionError("invalid-argument", `a tensor cannot be named ${name}`);
    const wanted = elementCount(shape) * DTYPE_BYTES[dtype];
    if (wanted !== bytes.length) {
      throw new VisionError(
        "safetensors-size",
        `${name}: ${dtype} [${shape.join(", ")}] wants ${wanted} bytes, got ${bytes.length}`,
      );
    }
    entries.push([name, { dtype, shape, data_offsets: [dataBytes, dataBytes + wanted] }]);
    dataBytes += wanted;
  }
  const header = encodeHeader(entries);
  const file = new Uint8Array(LENGTH_BYTES + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + header.length;
  for (const [, { bytes }] of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** Written pair by pair: an object would lose the order of names that look like numbers, and "__proto__". */
function encodeHeader(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  const json = `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(text);
  return padded;
}
