import { abortError, isAbortError, VisionError } from "../../contract/errors.ts";

/** The bytes behind a URL. Throws `source-not-found`, `source-network` or an `AbortError`. */
export async function fetchPicture(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { signal: signal ?? null });
    if (!response.ok) throw refused(url, response.status);
    return new Uint8Array(await response.arrayBuffer()); // a body cut short shows in the picture's own length
  } catch (cause) {
    if (cause instanceof VisionError) throw cause;
    if (signal?.aborted || isAbortError(cause)) throw abortError();
    const hint = "check the address and the connection, and that the server lets this page read it (CORS)";
    throw new VisionError("source-network", `${url}: wanted a picture, got no answer; ${hint}`, { cause });
  }
}

function refused(url: string, status: number): VisionError {
  const missing = status === 404 || status === 410;
  const advice = missing ? "check the address" : "try again later";
  const code = missing ? "source-not-found" : "source-network";
  return new VisionError(code, `${url}: wanted a picture, got HTTP ${status}; ${advice}`);
}
