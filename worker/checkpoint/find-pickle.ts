import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";

const PICKLES = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.pth"];

/** The name of a PyTorch pickle in a folder that has no safetensors, or `null`. Only for a better message. */
export async function findPickle(folder: ModelFolder, options?: CallOptions): Promise<string | null> {
  for (const name of PICKLES) if (await isThere(folder, name, options?.signal)) return name;
  return null;
}

/** Stops at the first byte: such a file may have hundreds of megabytes. */
async function isThere(folder: ModelFolder, name: string, signal: AbortSignal | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  const enough = new AbortController();
  let begun = false;
  try {
    const bytes = await folder.read(name, {
      signal: enough.signal,
      onProgress: ({ loaded }) => {
        begun ||= loaded > 0;
        if (begun) enough.abort();
      },
    });
    return bytes !== null;
  } catch {
    return begun; // a network that fails now would only hide the error that is about to be told
  }
}
