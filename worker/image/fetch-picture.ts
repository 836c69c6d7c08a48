import { abortError, VisionError } from "../contract/errors.ts";

const STALL_AFTER = 30_000; // milliseconds without a byte

/**
 * The bytes behind a URL. Throws `source-not-found`, `source-network`, also where nothing more comes for `stallAfter`
 * milliseconds, or an `AbortError`.
 */
export async function fetchPicture(
  url: string,
  signal?: AbortSignal,
  stallAfter = STALL_AFTER,
): Promise<Uint8Array<ArrayBuffer>> {
  const stop = new AbortController();
  const cancel = (): void => stop.abort();
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted) cancel();
  let timer = setTimeout(cancel, stallAfter);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(cancel, stallAfter);
  };
  try {
    const response = await fetch(url, { signal: stop.signal });
    if (!response.ok) throw refused(url, response.status);
    return await receive(response, alive); // a body cut short shows in the picture's own length
  } catch (cause) {
    if (cause instanceof VisionError) throw cause;
    if (signal?.aborted) throw abortError();
    throw new VisionError("source-network", `${shown(url)}: wanted a picture, got no answer; ${adviceFor(url)}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}

/** `alive` is told of every piece. */
async function receive({ body }: Response, alive: () => void): Promise<Uint8Array<ArrayBuffer>> {
  const pieces = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, onward) {
      alive();
      onward.enqueue(piece);
    },
  });
  return new Uint8Array(await new Response(body && body.pipeThrough(pieces)).arrayBuffer());
}

function refused(url: string, status: number): VisionError {
  const missing = status === 404 || status === 410;
  const advice = missing ? "check the address" : "try again later";
  const code = missing ? "source-not-found" : "source-network";
  return new VisionError(code, `${shown(url)}: wanted a picture, got HTTP ${status}; ${advice}`);
}

const LONGEST = 200; // characters; a picture may be its own address

const shown = (url: string): string => (url.length > LONGEST ? `${url.slice(0, LONGEST)}…` : url);

const adviceFor = (url: string): string =>
  url.startsWith("data:")
    ? "check that the page's Content-Security-Policy lets it connect to data:"
    : "check the address and the connection, and, on a page, that the server lets it read the picture (CORS)";
