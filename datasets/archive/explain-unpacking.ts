import { isAbortError, VisionError, type VisionErrorCode } from "../../worker/contract/errors.ts";

type Fault = { readonly sign: RegExp; readonly code: VisionErrorCode; readonly says: string };

/** What Node, its zlib, tar-stream and yauzl say, by `code` or message, and what it means. */
const FAULTS: readonly Fault[] = [
  { sign: /^EEXIST|^EISDIR/, code: "source-unsupported", says: "expected each name once, got a second" },
  { sign: /^ENOTDIR/, code: "source-unsupported", says: "expected a folder around it, got a file" },
  { sign: /^ENOENT/, code: "source-not-found", says: "expected an archive, got nothing there" },
  { sign: /^ENOSPC|^EDQUOT/, code: "source-unsupported", says: "wanted room to unpack it, got a full disk" },
  {
    sign: /Z_BUF_ERROR|unexpected end of|unexpected eof|end of central directory|overflows file bounds/i,
    code: "source-truncated",
    says: "the archive ends too early; download it again",
  },
  {
    sign: /Z_DATA_ERROR|invalid tar header|invalid header|bytes in the stream|signature|incorrect header check/i,
    code: "source-checksum",
    says: "the archive is damaged, or is none; download it again",
  },
];

/** Any failure of unpacking → one that names the archive and, where it has come to one, the entry. */
export function explainUnpacking(cause: unknown, archive: string, entry: string | null): unknown {
  if (isAbortError(cause)) return cause;
  const where = entry === null ? archive : `${archive}, entry ${JSON.stringify(entry)}`;
  if (cause instanceof VisionError) return new VisionError(cause.code, `${where}: ${cause.message}`, { cause });
  const { code = "", message = String(cause) } = cause as NodeJS.ErrnoException;
  const fault = FAULTS.find(({ sign }) => sign.test(code) || sign.test(message));
  const { code: known, says } = fault ?? { code: "source-unsupported", says: "could not be unpacked" };
  return new VisionError(known, `${where}: ${says} (${message})`, { cause });
}
