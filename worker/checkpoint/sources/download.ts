import { abortError } from "../../contract/errors.ts";
import { isHtml, refuseLfsPointer } from "../recognise-wrong-file.ts";
import { checkExpected, type ExpectedContent } from "./check-content.ts";
import { Interrupted } from "./http-answer.ts";
import { pause } from "./pause.ts";
import { Transfer, type Part, type TransferOptions } from "./transfer.ts";

export type DownloadOptions = TransferOptions & {
  readonly expected?: ExpectedContent | null | Promise<ExpectedContent | null> | undefined;
  /** Told, when the download fails or is cancelled, what could be resumed later. */
  readonly onPart?: ((part: Part) => void) | undefined;
  readonly retryDelays?: readonly number[] | undefined; // ms before each further attempt
  readonly givePage?: boolean | undefined; // a web page in the file's place is handed over, not taken for "no such file"
};

export type Downloaded = { readonly bytes: Uint8Array<ArrayBuffer>; readonly validator: string | null };

const RETRY_DELAYS = [250, 500, 1000]; // ms

/**
 * One file over HTTP, whole and checked; `null` where there is none (404, 410, or a web page in its place).
 * A cut connection is resumed by Range, where the server names the file's version, and otherwise begun again.
 * Throws `source-network`, `source-truncated`, `source-checksum`, `source-not-found`, `source-lfs-pointer`,
 * `source-unsupported` (above `limit`), or an `AbortError`.
 */
export async function download(url: string, options: DownloadOptions = {}): Promise<Downloaded | null> {
  const transfer = new Transfer(url, options);
  try {
    if (!(await withRetries(() => transfer.attempt(), options))) return null;
  } catch (error) {
    const part = transfer.part();
    if (part !== null) options.onPart?.(part);
    if (options.signal?.aborted) throw abortError();
    throw error;
  }
  const bytes = transfer.buffer.take();
  if (isHtml(bytes)) return options.givePage ? { bytes, validator: null } : null;
  refuseLfsPointer(bytes, url);
  const expected = await options.expected;
  if (expected) await checkExpected(bytes, expected, url);
  return { bytes, validator: transfer.validator };
}

async function withRetries<T>(attempt: () => Promise<T>, options: DownloadOptions): Promise<T> {
  for (const delay of options.retryDelays ?? RETRY_DELAYS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Interrupted) || options.signal?.aborted) throw error;
      await pause(delay, options.signal);
    }
  }
  return attempt().catch((error: unknown) => {
    throw error instanceof Interrupted ? error.failure : error;
  });
}
