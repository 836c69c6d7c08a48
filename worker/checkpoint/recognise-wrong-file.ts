import { VisionError } from "../contract/errors.ts";
import { isZip } from "./zip.ts";

const BEGINNING = 1024; // bytes that tell one kind of file from another; one to a letter, so "ï»¿" is a byte order mark

const beginning = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes.subarray(0, BEGINNING));

/** Whether this is a web page: what single-page-app servers answer, with status 200, for files that do not exist. */
export const isHtml = (bytes: Uint8Array): boolean =>
  /^(?:ï»¿)?\s*(?:<!--[^]*?-->\s*)*<(?:!doctype|html|head|body|\?xml)\b/i.test(beginning(bytes));

/** Whether this beginning of a file is, or may still become, that of a web page. */
export const mayBeHtml = (bytes: Uint8Array): boolean =>
  bytes.length < BEGINNING ? /^(?:ï»?$|(?:ï»¿)?\s*(?:<|$))/.test(beginning(bytes)) : isHtml(bytes);

const OPENING_BRACE = 0x7b; // behind the eight bytes of a length, where safetensors begin their header

/** A zip archive (what `torch.save` and `numpy.savez` write) or a bare pickle stream, and no safetensors of such a length. */
export const isPickle = (bytes: Uint8Array): boolean =>
  bytes[8] !== OPENING_BRACE && (isZip(bytes) || (bytes[0] === 0x80 && (bytes[1] ?? 0) <= 5));

/** Throws `source-lfs-pointer` where Git LFS left its pointer (https://git-lfs.com/spec/v1) in place of the file. */
export function refuseLfsPointer(bytes: Uint8Array, file: string): void {
  const start = beginning(bytes);
  if (bytes.length > BEGINNING || !start.startsWith("version https://git-lfs.github.com/spec/v1")) return;
  const size = /\nsize (\d+)/.exec(start)?.[1];
  throw new VisionError(
    "source-lfs-pointer",
    `${file}: wanted the file itself${size === undefined ? "" : ` (${size} bytes)`}, got a Git LFS pointer to it; ` +
      `run "git lfs pull" where the folder was cloned, or use the hub's hf:owner/name form.`,
  );
}
