import type { ModelStore, StoredFile } from "./model-store.ts";

/** Something went wrong that the load survives. */
export type SourceWarning = { readonly code: "storage-full" | "storage-failed"; readonly message: string };

export type FileKeeper = {
  get(url: string): Promise<StoredFile | null>;
  put(url: string, file: StoredFile): Promise<void>;
};

/** A store whose failures never cost a load: they are told once, then a file is simply not there, or not kept. */
export function carefulStore(store: ModelStore, onWarning: (warning: SourceWarning) => void): FileKeeper {
  let warned = false;
  const survive = (error: unknown): null => {
    if (!warned) onWarning(describe(error));
    warned = true;
    return null;
  };
  return {
    get: (url) => store.get(url).catch(survive),
    put: async (url, file) => void (await store.put(url, file).catch(survive)),
  };
}

function describe(error: unknown): SourceWarning {
  if (error instanceof Error && error.name === "QuotaExceededError") {
    const message =
      "The browser's storage is full: the model works now, and will be downloaded again next time. Delete stored models to make room.";
    return { code: "storage-full", message };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { code: "storage-failed", message: `The model works now but could not be kept for next time: ${detail}` };
}
