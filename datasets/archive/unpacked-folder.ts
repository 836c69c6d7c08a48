import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { unpack } from "./unpack.ts";

/** How far unpacking is, in bytes of the archives. */
export type UnpackProgress = { readonly loaded: number; readonly total: number };

export type ArchiveOptions = {
  readonly cache?: string | undefined; // folder to unpack into; default: where programs keep what can be made again
  readonly onProgress?: ((progress: UnpackProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

type Piece = { readonly path: string; readonly size: number; readonly changed: number };

/**
 * The folder that archives are unpacked into, all into one: at the first call, and again when one of them has changed.
 * It appears under its name only when it is whole, so a process killed in between leaves nothing that is taken for it.
 * Throws what `unpack` does.
 */
export async function unpackedFolder(archives: readonly string[], options: ArchiveOptions = {}): Promise<string> {
  const pieces = await Promise.all(archives.map(describePiece));
  const cache = options.cache ?? defaultCache();
  const folder = join(cache, createHash("sha256").update(JSON.stringify(pieces)).digest("hex"));
  if (await exists(folder)) return folder;
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const unfinished = await mkdtemp(`${folder}.${HOST}.${process.pid}.`);
  try {
    await unpackPieces(pieces, unfinished, options);
    await rename(unfinished, folder);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(folder))) throw cause; // else another process was quicker
  }
  return folder;
}

const defaultCache = (): string => join(cacheFolder(), "data-sets");

async function describePiece(archive: string): Promise<Piece> {
  const path = await realpath(archive);
  const { size, mtimeMs } = await stat(path);
  return { path, size, changed: mtimeMs };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function unpackPieces(pieces: readonly Piece[], folder: string, options: ArchiveOptions): Promise<void> {
  const { onProgress, signal } = options;
  const total = pieces.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const { path, size } of pieces) {
    const start = before;
    await unpack(path, folder, { signal, onRead: (loaded) => onProgress?.({ loaded: start + loaded, total }) });
    before += size;
  }
  onProgress?.({ loaded: total, total });
}

/** Several machines may share a home: each knows its own processes alone. */
const HOST = hostname().replaceAll(/\W/g, "-");

/** What a killed process of this machine left: `<name>.<machine>.<process id>.<random>`. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const [, host, owner] = /^[0-9a-f]{64}\.([\w-]+)\.(\d+)\.\w+$/.exec(name) ?? [];
    if (host === HOST && !isRunning(Number(owner))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0); // asks, and ends nothing
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"; // it runs, but is another user's
  }
}
