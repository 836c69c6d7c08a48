import { VisionError } from "../../contract/errors.ts";
import { isHubUrl } from "./parse-source.ts";

/** A failure that another attempt may mend. */
export class Interrupted extends Error {
  constructor(readonly failure: VisionError) {
    super(failure.message);
  }
}

/**
 * What tells one version of a file from the next: the strong ETag, else Last-Modified, else a weak ETag
 * (RFC 9110 §8.8). `null` where the server, or its CORS headers, show none.
 */
export function validatorOf(headers: Headers): string | null {
  const tag = headers.get("etag");
  if (tag !== null && !isWeak(tag)) return tag;
  return headers.get("last-modified") ?? tag;
}

/** A weak ETag promises the same meaning, not the same bytes, so parts must not be joined by it (RFC 9110 §13.1.5). */
export const isWeak = (validator: string): boolean => validator.startsWith("W/");

/** Bytes of the body as `read` will deliver it; `null` where unknown, as under Content-Encoding. */
export function bodyLength(headers: Headers): number | null {
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return isEncoded(headers) || !Number.isSafeInteger(length) ? null : length;
}

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get("content-encoding");
  return encoding !== null && encoding !== "identity";
}

/** `bytes 5-9/10` → `{ start: 5, total: 10 }`; `null` where it is absent or unreadable. */
export function contentRange(headers: Headers): { start: number; total: number | null } | null {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  if (match === null) return null;
  return { start: Number(match[1]), total: match[2] === "*" ? null : Number(match[2]) };
}

const RETRIED_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Returns where an answer without the file means that the folder has no such file. Otherwise throws `source-not-found`,
 * `source-network`, or `Interrupted` where another attempt may help.
 */
export function judgeRefusal(url: string, response: Response): void {
  const { status } = response;
  if (isForbidden(url, response)) {
    const hint = isHubUrl(url)
      ? "the repository or its revision does not exist, is private or gated; patchlight signs in nowhere: use a public model."
      : "the server wants a sign-in; patchlight sends none.";
    throw new VisionError("source-not-found", `${url}: wanted the file, got HTTP ${status}: ${hint}`);
  }
  // Object stores answer 403 for files that do not exist where they may not be listed.
  if (status === 403 || status === 404 || status === 410) return;
  const failure = new VisionError("source-network", `${url}: wanted the file, got HTTP ${status}; try again later.`);
  throw status >= 500 || RETRIED_STATUS.has(status) ? new Interrupted(failure) : failure;
}

/** The hub says the same for repositories that are hidden and that do not exist; `x-error-code` tells it from a file. */
function isForbidden(url: string, { status, headers }: Response): boolean {
  if (status === 401 || !isHubUrl(url)) return status === 401;
  return status === 403 || /^(?:Repo|Revision)NotFound$/.test(headers.get("x-error-code") ?? "");
}
