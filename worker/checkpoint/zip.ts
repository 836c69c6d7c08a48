import { malformedWeights } from "./malformed-weights.ts";

const END = { signature: 0x06054b50, bytes: 22, entries: 10, directory: 16 };
const ENTRY = { signature: 0x02014b50, bytes: 46, method: 10, size: 20, name: 28, extra: 30, comment: 32, local: 42 };
const LOCAL = { signature: 0x04034b50, bytes: 30, name: 26, extra: 28 };
const LONGEST_COMMENT = 0xffff; // bytes, behind the end record
const ELSEWHERE = 0xffffffff; // the number is in a record for files of 4 GiB and more

export const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, LOCAL.signature);

const startsWith = (bytes: Uint8Array, signature: number): boolean =>
  bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === signature;

/**
 * The files of a zip archive by their names, as views: NumPy and PyTorch store them uncompressed.
 * Throws `weights-malformed`. Format: PKWARE's APPNOTE.TXT 6.3.
 */
export function readZip(bytes: Uint8Array, what: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === null) throw malformedWeights(what, "the archive's end is missing, so it is cut short; download it again");
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + END.directory, true);
  for (let left = view.getUint16(end + END.entries, true); left > 0; left--) {
    if (at + ENTRY.bytes > end || view.getUint32(at, true) !== ENTRY.signature)
      throw malformedWeights(what, "its list of files is damaged, or it has more than 4 GiB; save it as safetensors");
    const length = view.getUint16(at + ENTRY.name, true);
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY.bytes, at + ENTRY.bytes + length));
    files.set(name, stored(view, at, `${what}: ${name}`));
    at += ENTRY.bytes + length + view.getUint16(at + ENTRY.extra, true) + view.getUint16(at + ENTRY.comment, true);
  }
  return files;
}

function findEnd(view: DataView): number | null {
  const last = view.byteLength - END.bytes;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END.signature) return at;
  }
  return null;
}

function stored(view: DataView, entry: number, what: string): Uint8Array {
  if (view.getUint16(entry + ENTRY.method, true) !== 0)
    throw malformedWeights(
      what,
      "wanted it stored, got it compressed; save it uncompressed, as numpy.savez and torch.save do",
    );
  const size = view.getUint32(entry + ENTRY.size, true);
  const local = view.getUint32(entry + ENTRY.local, true);
  if (size === ELSEWHERE || local === ELSEWHERE)
    throw malformedWeights(what, "wanted an archive of less than 4 GiB; save it as safetensors");
  const isThere = local + LOCAL.bytes <= view.byteLength && view.getUint32(local, true) === LOCAL.signature;
  const names = isThere ? view.getUint16(local + LOCAL.name, true) + view.getUint16(local + LOCAL.extra, true) : 0;
  const first = local + LOCAL.bytes + names;
  if (!isThere || first + size > view.byteLength) throw malformedWeights(what, "is not where the archive's list says");
  return new Uint8Array(view.buffer, view.byteOffset + first, size);
}
