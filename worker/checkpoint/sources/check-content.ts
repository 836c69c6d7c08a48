import { VisionError } from "../../contract/errors.ts";

const JSON_LIMIT = 64 * 1024 * 1024; // bytes; the largest tokenizer.json files are about a third of this

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
