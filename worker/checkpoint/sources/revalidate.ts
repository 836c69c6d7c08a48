import { validatorOf } from "./http-answer.ts";

const PATIENCE = 3000; // ms; a kept copy is better than a long wait

/**
 * Whether the server still has the version a kept copy is of. A HEAD without conditional headers, which would cost a
 * cross-origin preflight. Without an answer, or without a version in it, the copy counts as current; a copy of no known
 * version only without an answer.
 */
export async function isCurrent(
  url: string,
  validator: string | null,
  send: typeof fetch,
  signal?: AbortSignal,
): Promise<boolean> {
  const stop = new AbortController();
  const cancel = (): void => stop.abort();
  const timer = setTimeout(cancel, PATIENCE);
  signal?.addEventListener("abort", cancel);
  try {
    const answer = await send(url, { method: "HEAD", cache: "no-store", signal: stop.signal });
    if (answer.status === 404 || answer.status === 410) return false;
    if (validator === null) return !answer.ok && answer.status !== 405 && answer.status !== 501; // no HEAD, but GET
    const now = answer.ok ? validatorOf(answer.headers) : null;
    return now === null || now === validator;
  } catch {
    return true;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}
