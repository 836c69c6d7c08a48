import { VisionError } from "../contract/errors.ts";
import { isZip } from "./zip.ts";

const BEGINNING = 200; // bytes that tell one kind of file from another

const beginning = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8")
    .decode(bytes.subarray(0, BEGINNING))
    .replace(/^\uFEFF/, "")
    .trimStart()
    .toLowerCase();

export const isLfsPointer = (bytes: Uint8Array): boolean => beginning(bytes).startsWith("version https://git-lfs");

export const isHtml = (bytes: Uint8Array): boolean => /^<(!doctype|html|head|body|\?xml|!--)/.test(beginning(bytes));

const OPENING_BRACE = 0x7b; // behind the eight bytes of a length, where safetensors begin their header

/** A zip archive (what `torch.save` and `numpy.savez` write) or a bare pickle stream, and no safetensors of such a length. */
export const isPickle = (bytes: Uint8Array): boolean =>
  bytes[8] !== OPENING_BRACE && (isZip(bytes) || (bytes[0] === 0x80 && (bytes[1] ?? 0) <= 5));

/** Throws `source-lfs-pointer` where Git left a pointer in the place of `what`. */
export function refuseLfsPointer(bytes: Uint8Array, what: string): void {
  if (!isLfsPointer(bytes)) return;
  throw new VisionError(
    "source-lfs-pointer",
    `${what}: wanted the file itself, got a Git-LFS pointer of ${bytes.length} bytes; run "git lfs pull" in the clone, ` +
      `or download the file from its web page`,
  );
}
