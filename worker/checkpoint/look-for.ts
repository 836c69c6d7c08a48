import type { ModelFolder } from "../contract/model-folder.ts";

/**
 * Whether a folder has a file; "unknown" where the network failed, which is not the error to tell. Stops at the first
 * bytes: such a file may have hundreds of megabytes. Throws only an `AbortError`.
 */
export async function lookFor(
  folder: ModelFolder,
  name: string,
  signal: AbortSignal | undefined,
): Promise<"there" | "absent" | "unknown"> {
  signal?.throwIfAborted();
  const enough = new AbortController();
  const cancel = (): void => enough.abort();
  signal?.addEventListener("abort", cancel);
  try {
    const bytes = await folder.read(name, {
      signal: enough.signal,
      onProgress: ({ loaded }) => {
        if (loaded > 0) enough.abort();
      },
    });
    return bytes === null ? "absent" : "there";
  } catch {
    signal?.throwIfAborted();
    return enough.signal.aborted ? "there" : "unknown";
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
