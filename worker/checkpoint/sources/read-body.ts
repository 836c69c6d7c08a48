/**
 * Hands every chunk of a body to `take`. Rejects when the connection breaks, `take` throws, `stop` is aborted, or
 * nothing comes for `stallAfter` milliseconds (which aborts `stop`); in every case the reader is let go.
 */
export async function readBody(
  answer: Response,
  stop: AbortController,
  stallAfter: number,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  const release = (): void => void reader.cancel().catch(() => undefined);
  stop.signal.addEventListener("abort", release);
  try {
    for (;;) {
      const stall = setTimeout(() => stop.abort(), stallAfter);
      const { done, value } = await reader.read().finally(() => clearTimeout(stall));
      stop.signal.throwIfAborted();
      if (done) return;
      take(value);
    }
  } finally {
    stop.signal.removeEventListener("abort", release);
    release();
  }
}
