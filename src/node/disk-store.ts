import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../datasets/cache-folder.ts";
import type { StoredModel } from "../../worker/contract/api.ts";
import type { ModelStore, StoredFile } from "../../worker/checkpoint/sources/model-store.ts";

/** What stands beside the bytes of a kept file. */
type Note = Omit<StoredFile, "bytes"> & { readonly length: number };

const NOTE = ".json";

/** Downloaded model files on disk, so that a command does not fetch a model each time it runs. */
export function diskStore(folder: string = cacheFolder()): ModelStore {
  const pathOf = (url: string): string => join(folder, createHash("sha256").update(url).digest("hex"));
  return {
    get: (url) => readEntry(pathOf(url)),
    async put(url, { bytes, ...note }) {
      await mkdir(folder, { recursive: true });
      await writeWhole(pathOf(url), bytes);
      await writeWhole(pathOf(url) + NOTE, JSON.stringify({ ...note, length: bytes.length } satisfies Note));
    },
    list: async () => sumUp((await readNotes(folder)).map(({ note }) => note)),
    async forget(origin) {
      for (const { path, note } of await readNotes(folder)) {
        if (note.folder === origin) await Promise.all([rm(path, { force: true }), rm(path + NOTE, { force: true })]);
      }
    },
  };
}

/** `null` for a file that is not kept, or not as long as its note says: a command may have been killed in between. */
async function readEntry(path: string): Promise<StoredFile | null> {
  try {
    const { length, ...note } = JSON.parse(await readFile(path + NOTE, "utf8")) as Note;
    const bytes = new Uint8Array(await readFile(path));
    return bytes.length === length ? { ...note, bytes } : null;
  } catch {
    return null;
  }
}

/** Under a name of this process first: commands may keep the same file at once, and none reads half of one. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, content);
  await rename(unfinished, path);
}

async function readNotes(folder: string): Promise<{ path: string; note: Note }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(NOTE));
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path: path.slice(0, -NOTE.length), note: JSON.parse(await readFile(path, "utf8")) as Note };
    }),
  );
}

function sumUp(notes: readonly Note[]): StoredModel[] {
  const models = new Map<string, StoredModel>();
  for (const { folder, state, length } of notes) {
    if (state === "absent") continue;
    const { bytes, files } = models.get(folder) ?? { bytes: 0, files: 0 };
    models.set(folder, { origin: folder, bytes: bytes + length, files: files + 1 });
  }
  return [...models.values()];
}
