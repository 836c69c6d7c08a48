import { VisionError } from "../../contract/errors.ts";
import { isHtml, isPickle, refuseLfsPointer } from "../recognise-wrong-file.ts";
import { findDuplicateKey } from "./find-duplicate-key.ts";

export const LENGTH_BYTES = 8; // the header's length, a little-endian u64
const MAX_HEADER = 100_000_000; // bytes; the reference reader's own limit
const OPENING_BRACE = 0x7b;
const TELLING = 200; // bytes that tell another kind of file

export type Header = {
  readonly entries: readonly (readonly [name: string, entry: unknown])[]; // without `__metadata__`
  readonly metadata: ReadonlyMap<string, string>;
  readonly dataStart: number; // bytes from the start of the file
};

/**
 * The JSON header of a safetensors file.
 * Throws `safetensors-truncated`, `safetensors-header`, `safetensors-duplicate-name`, or `source-lfs-pointer`.
 */
export const parseHeader = (bytes: Uint8Array, what: string): Header => parseBeginning(bytes, bytes.length, what)!;

/** The same of a file of `total` bytes, of which the first are there; `null` where they do not reach behind the header. */
export function parseBeginning(bytes: Uint8Array, total: number, what: string): Header | null {
  if (bytes.length < Math.min(total, TELLING)) return null;
  refuseOtherFormats(bytes, what);
  const length = headerLength(bytes, total, what);
  if (bytes.length < LENGTH_BYTES + length) return null;
  const json = decodeHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length), what);
  const header = parseObject(json, what);
  const duplicate = findDuplicateKey(json);
  if (duplicate !== null) {
    throw new VisionError("safetensors-duplicate-name", `${what}: header: "${duplicate}" stands there twice`);
  }
  const { __metadata__: metadata } = header;
  return {
    entries: Object.entries(header).filter(([name]) => name !== "__metadata__"),
    metadata: metadata === undefined ? new Map() : readMetadata(metadata, what),
    dataStart: LENGTH_BYTES + length,
  };
}

function refuseOtherFormats(bytes: Uint8Array, what: string): void {
  refuseLfsPointer(bytes, what);
  if (isHtml(bytes)) {
    throw new VisionError("safetensors-header", `${what}: wanted safetensors, got an HTML page; check the address`);
  }
  if (isPickle(bytes)) {
    throw new VisionError(
      "safetensors-header",
      `${what}: wanted safetensors, got a PyTorch pickle, which is never run; save it with safetensors.torch.save_file`,
    );
  }
}

function headerLength(bytes: Uint8Array, total: number, what: string): number {
  if (total < LENGTH_BYTES) {
    throw new VisionError(
      "safetensors-truncated",
      `${what}: wanted at least ${LENGTH_BYTES} bytes, got ${total}; download the file again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER) {
    throw new VisionError(
      "safetensors-header",
      `${what}: header length: wanted at most ${MAX_HEADER} bytes, got ${length}; this is not a safetensors file`,
    );
  }
  if (Number(length) > total - LENGTH_BYTES) {
    throw new VisionError(
      "safetensors-truncated",
      `${what}: header: wanted ${length} bytes, got ${total - LENGTH_BYTES}; download the file again`,
    );
  }
  return Number(length);
}

function decodeHeader(bytes: Uint8Array, what: string): string {
  if (bytes[0] !== OPENING_BRACE) {
    throw new VisionError("safetensors-header", `${what}: header: wanted "{" first, got byte ${bytes[0] ?? "none"}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new VisionError("safetensors-header", `${what}: header: wanted valid UTF-8`, { cause });
  }
}

function parseObject(json: string, what: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>; // an object, since it starts with a brace
  } catch (cause) {
    throw new VisionError("safetensors-header", `${what}: header: wanted valid JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function readMetadata(metadata: unknown, what: string): Map<string, string> {
  const pairs =
    typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) ? Object.entries(metadata) : null;
  if (!pairs?.every((pair): pair is [string, string] => typeof pair[1] === "string")) {
    throw new VisionError("safetensors-header", `${what}: __metadata__: wanted an object of strings`);
  }
  return new Map(pairs);
}
