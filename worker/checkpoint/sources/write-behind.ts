import type { ModelStore } from "./model-store.ts";

/**
 * The same store, whose `put` is not waited for: a model is ready before its files are kept, and what cannot be kept is
 * told to nobody. Whoever asks for a file that is being written, or for all of them, waits until it is.
 */
export function writeBehind(store: ModelStore): ModelStore {
  const writing = new Map<string, Promise<void>>(); // by URL
  const allWritten = (): Promise<unknown> => Promise.all(writing.values());
  return {
    async get(url) {
      await writing.get(url);
      return store.get(url);
    },
    put(url, file) {
      const before = writing.get(url) ?? Promise.resolve();
      const written = before
        .then(() => store.put(url, file))
        .catch(() => undefined)
        .then(() => {
          if (writing.get(url) === written) writing.delete(url);
        });
      writing.set(url, written);
      return Promise.resolve();
    },
    list: () => allWritten().then(() => store.list()),
    forget: (origin) => allWritten().then(() => store.forget(origin)),
  };
}
