import type { ModelStore, StoredFile } from "../../../../worker/checkpoint/sources/model-store.ts";

/** A store that lives as long as the test. */
export function memoryStore(): ModelStore & { readonly files: Map<string, StoredFile> } {
  const files = new Map<string, StoredFile>();
  return {
    files,
    get: (url) => Promise.resolve(files.get(url) ?? null),
    put: (url, file) => Promise.resolve(void files.set(url, { ...file, bytes: file.bytes.slice() })),
    list: () => Promise.resolve([]),
    forget: (origin) => {
      for (const [url, file] of files) if (file.folder === origin) files.delete(url);
      return Promise.resolve();
    },
  };
}
