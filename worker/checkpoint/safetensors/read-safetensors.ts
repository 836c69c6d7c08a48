import { VisionError } from "../../contract/errors.ts";
import type { HostDtype, HostTensor, HostTensors } from "../../contract/host-tensor.ts";
import { DTYPE_BYTES, isHostDtype } from "./dtype-bytes.ts";
import { parseBeginning, parseHeader } from "./parse-header.ts";

type Entry = {
  readonly name: string;
  readonly dtype: HostDtype;
  readonly shape: readonly number[];
  readonly begin: number; // bytes from the start of the data
  readonly end: number;
};

/**
 * Every tensor of a safetensors file, in the header's order, as views into `bytes` (nothing is copied).
 * As strict as the reference reader: duplicate names, holes, overlaps and bytes past the end are refused.
 * `what` names the file in messages.
 *
 * Throws `safetensors-truncated`, `-header`, `-duplicate-name`, `-dtype`, `-offsets`, `-size`, or `source-lfs-pointer`.
 * Format: https://github.com/huggingface/safetensors#format
 */
export const readSafetensors = (bytes: Uint8Array, what = "model.safetensors"): HostTensors =>
  readArriving(bytes, bytes.length, what)!;

/**
 * The same of a file of which the first `arrived` bytes are there: the views show the others once they have come. `null`
 * where the header has not.
 */
export function readArriving(bytes: Uint8Array, arrived: number, what: string): HostTensors | null {
  const header = parseBeginning(bytes.subarray(0, arrived), bytes.length, what);
  if (!header) return null;
  const data = bytes.subarray(header.dataStart);
  const entries = header.entries.map(([name, entry]) => readEntry(name, entry, what));
  checkCoverage(entries, data.length, what);
  return new Map(
    entries.map(({ name, dtype, shape, begin, end }): [string, HostTensor] => [
      name,
      { dtype, shape, bytes: data.subarray(begin, end) },
    ]),
  );
}

/** The `__metadata__` of a safetensors file; empty where it has none. Throws as `readSafetensors` does. */
export const readSafetensorsMetadata = (bytes: Uint8Array, what = "model.safetensors"): ReadonlyMap<string, string> =>
  parseHeader(bytes, what).metadata;

function readEntry(name: string, entry: unknown, what: string): Entry {
  const where = `${what}: ${name}`;
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw new VisionError(
      "safetensors-header",
      `${where}: wanted {dtype, shape, data_offsets}, got ${JSON.stringify(entry)}`,
    );
  }
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== "string")
    throw new VisionError("safetensors-header", `${where}: wanted a dtype, got ${JSON.stringify(dtype)}`);
  if (!isHostDtype(dtype)) {
    const known = Object.keys(DTYPE_BYTES).join(", ");
    throw new VisionError("safetensors-dtype", `${where}: dtype: wanted one of ${known}, got ${dtype}`);
  }
  if (!isSizes(shape))
    throw new VisionError("safetensors-header", `${where}: shape: wanted sizes, got ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new VisionError(
      "safetensors-header",
      `${where}: data_offsets: wanted [begin, end], got ${JSON.stringify(offsets)}`,
    );
  }
  const [begin, end] = offsets as [number, number];
  checkSpan(where, dtype, shape, begin, end);
  return { name, dtype, shape, begin, end };
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);

function checkSpan(where: string, dtype: HostDtype, shape: readonly number[], begin: number, end: number): void {
  if (end < begin)
    throw new VisionError("safetensors-offsets", `${where}: data_offsets: ends at ${end}, before its begin ${begin}`);
  let wanted = DTYPE_BYTES[dtype];
  for (const size of shape) {
    wanted *= size;
    if (!Number.isSafeInteger(wanted)) {
      throw new VisionError("safetensors-size", `${where}: shape [${shape.join(", ")}] is larger than any file`);
    }
  }
  if (wanted !== end - begin) {
    throw new VisionError(
      "safetensors-size",
      `${where}: ${dtype} [${shape.join(", ")}] wants ${wanted} bytes, its data_offsets span ${end - begin}`,
    );
  }
}

/** The tensors' spans, in order of their offsets, must follow each other from the first byte of the data to the last. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, what: string): void {
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of ordered) {
    if (begin !== covered) {
      const fault = begin > covered ? "leaves a hole" : "overlaps another tensor";
      throw new VisionError(
        "safetensors-offsets",
        `${what}: ${name}: wanted data from byte ${covered}, got ${begin}: it ${fault}`,
      );
    }
    covered = end;
  }
  if (covered > dataBytes) {
    throw new VisionError(
      "safetensors-truncated",
      `${what}: wanted ${covered} bytes of data, got ${dataBytes}; the file is cut short: download it again`,
    );
  }
  if (covered < dataBytes) {
    throw new VisionError(
      "safetensors-offsets",
      `${what}: ${dataBytes - covered} bytes after the last tensor belong to none`,
    );
  }
}
