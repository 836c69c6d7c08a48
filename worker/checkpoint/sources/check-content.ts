import { VisionError } from "../../contract/errors.ts";

const JSON_LIMIT = 64 * 1024 * 1024; // bytes; the largest tokenizer.json files are about a third of this

const startOf = (bytes: Uint8Array, length: number): string =>
  new TextDecoder("latin1").decode(bytes.subarray(0, length));

/** Whether this is a web page: what single-page-app servers answer, with status 200, for files that do not exist. */
export const looksLikeHtml = (bytes: Uint8Array): boolean =>
  /^(?:ï»¿)?\s*(?:<!--[^]*?-->\s*)*<(?:!doctype html|html|head|body)\b/i.test(startOf(bytes, 1024));

/** Whether this beginning of a file is, or may still become, that of a web page. */
export const mayBePage = (beginning: Uint8Array): boolean =>
  beginning.length < 1024
    ? /^(?:ï»?$|(?:ï»¿)?\s*(?:<|$))/.test(startOf(beginning, beginning.length))
    : looksLikeHtml(beginning);

/** Throws `source-lfs-pointer` where Git LFS left its pointer (https://git-lfs.com/spec/v1) in place of the file. */
export function refuseLfsPointer(bytes: Uint8Array, file: string): void {
  if (bytes.length > 1024 || !startOf(bytes, 64).startsWith("version https://git-lfs.github.com/spec/v1")) return;
  const size = /\nsize (\d+)/.exec(startOf(bytes, 1024))?.[1];
  throw new VisionError(
    "source-lfs-pointer",
    `${file}: wanted the file itself${size === undefined ? "" : ` (${size} bytes)`}, got a Git LFS pointer to it; ` +
      `run "git lfs pull" where the folder was cloned, or use the hub's hf:owner/name form.`,
  );
}

/** How many bytes a file of a model folder may have; `null`: any number. */
export const sizeLimit = (path: string): number | null => (path.endsWith(".json") ? JSON_LIMIT : null);

/** Throws `source-unsupported` for a file above its limit. */
export function refuseOversize(bytes: number, limit: number | null, file: string): void {
  if (limit === null || bytes <= limit) return;
  throw new VisionError(
    "source-unsupported",
    `${file}: wanted at most ${limit} bytes, got ${bytes}; it is not a model's file.`,
  );
}

/** The SHA-256 in lower-case hexadecimal; `null` where the platform hashes nothing (pages not served over https). */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What is known of a file before it is fetched. */
export type ExpectedContent = { readonly sha256?: string | undefined; readonly bytes?: number | undefined };

export const matchesExpected = async (bytes: Uint8Array<ArrayBuffer>, expected: ExpectedContent): Promise<boolean> =>
  (expected.bytes === undefined || bytes.length === expected.bytes) &&
  (expected.sha256 === undefined || [null, expected.sha256].includes(await sha256(bytes)));

/** Throws `source-truncated` for too few bytes and `source-checksum` for other ones than expected. */
export async function checkExpected(
  bytes: Uint8Array<ArrayBuffer>,
  expected: ExpectedContent,
  file: string,
): Promise<void> {
  if (expected.bytes !== undefined && bytes.length < expected.bytes) {
    throw new VisionError(
      "source-truncated",
      `${file}: wanted ${expected.bytes} bytes, got ${bytes.length}; try again.`,
    );
  }
  if (await matchesExpected(bytes, expected)) return;
  throw new VisionError(
    "source-checksum",
    `${file}: wanted ${expected.bytes ?? "any number of"} bytes with SHA-256 ${expected.sha256 ?? "(any)"}, ` +
      `got ${bytes.length} bytes with ${(await sha256(bytes)) ?? "(unknown)"}; the file was changed or damaged on the way.`,
  );
}
