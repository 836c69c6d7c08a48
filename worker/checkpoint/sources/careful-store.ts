import type { ModelStore, StoredFile } from "./model-store.ts";

export type FileKeeper = {
  get(url: string): Promise<StoredFile | null>;
  put(url: string, file: StoredFile): Promise<void>;
};

/** A store whose failures never cost a load: a file is then simply not there, or not kept. */
export const carefulStore = (store: ModelStore): FileKeeper => ({
  get: (url) => store.get(url).catch(() => null),
  put: (url, file) => store.put(url, file).catch(() => undefined),
});
