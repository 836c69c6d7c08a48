import { mkdir, open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { abortError, VisionError } from "../../worker/contract/errors.ts";
import type { ArchiveEntry, OnRead } from "./archive-entry.ts";
import { archiveKind } from "./archive-kind.ts";
import { entryPath } from "./entry-path.ts";
import { explainUnpacking } from "./explain-unpacking.ts";
import { readTar } from "./read-tar.ts";
import { readZip } from "./read-zip.ts";

/** What an archive may grow to: pictures hardly shrink, annotations tenfold, deflate at its utmost 1,032 times. */
export type UnpackLimits = {
  readonly entries: number;
  readonly growth: number; // bytes unpacked for each byte of the archive
  readonly anyway: number; // bytes that even a tiny archive may come to
};

const LIMITS: UnpackLimits = { entries: 5_000_000, growth: 200, anyway: 64 * 2 ** 20 };

export type UnpackOptions = {
  readonly onRead?: OnRead | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: UnpackLimits | undefined;
};

/**
 * Unpacks a .tar, .tar.gz or .zip file into a folder that nothing else writes to. Files and folders only, each name
 * once, none outside the folder; modes and times are not taken over. Throws `source-unsupported` for any other entry
 * or one that breaks a limit, `source-truncated` and `source-checksum` for a damaged archive, naming the entry; what
 * was written until then stays. Rejects with an AbortError when the signal says so.
 */
export async function unpack(archive: string, folder: string, options: UnpackOptions = {}): Promise<void> {
  const { onRead = () => undefined, signal, limits = LIMITS } = options;
  const made = new Set<string>();
  let name: string | null = null;
  try {
    const expectRoom = createBudget((await stat(archive)).size, limits);
    for await (const entry of await readEntries(archive, onRead)) {
      if (signal?.aborted) throw abortError();
      ({ name } = entry);
      expectRoom(entry);
      await putEntry(entry, folder, made);
    }
  } catch (cause) {
    throw explainUnpacking(cause, archive, name);
  }
}

async function readEntries(archive: string, onRead: OnRead): Promise<AsyncGenerator<ArchiveEntry>> {
  const kind = await archiveKind(archive);
  if (kind === "zip") return readZip(archive, onRead);
  if (kind !== null) return readTar(archive, kind === "tar.gz", onRead);
  throw new VisionError("source-unsupported", "expected a .tar, .tar.gz or .zip file, got another");
}

/** Refuses before a byte is written; that an entry is no longer than declared is seen while it is. */
function createBudget(size: number, { entries, growth, anyway }: UnpackLimits): (entry: ArchiveEntry) => void {
  const most = Math.max(anyway, size * growth);
  let [count, bytes] = [0, 0];
  return (entry) => {
    count += 1;
    bytes += entry.size;
    if (count > entries) throw refuse(`wanted at most ${entries} entries, got more`);
    if (bytes > most) throw refuse(`wanted at most ${most} bytes from an archive of ${size}, got ${bytes} or more`);
  };
}

/** `made`: folders that are there already; asking the disk for each file would cost as much as writing it. */
async function putEntry(entry: ArchiveEntry, folder: string, made: Set<string>): Promise<void> {
  const path = entryPath(entry.name);
  if (entry.kind === "folder") return void (await mkdir(join(folder, path), { recursive: true }));
  if (entry.kind !== "file") throw refuse(`expected a file or folder, got ${entry.kind}`);
  if (path === "") throw refuse("expected a file with a name, got the folder itself");
  const around = dirname(join(folder, path));
  if (!made.has(around)) await mkdir(around, { recursive: true });
  made.add(around);
  await writeContent(entry, join(folder, path));
}

async function writeContent(entry: ArchiveEntry, path: string): Promise<void> {
  const file = await open(path, "wx"); // refuses what is there, a link too
  try {
    let [length, sum] = [0, 0];
    for await (const chunk of await entry.content()) {
      length += chunk.length;
      if (length > entry.size) throw damaged(entry.size, "more");
      sum = crc32(chunk, sum);
      await file.writeFile(chunk); // where the last one ended
    }
    if (length < entry.size) throw damaged(entry.size, String(length));
    if (entry.crc32 !== null && sum !== entry.crc32) {
      throw new VisionError("source-checksum", "its bytes do not match their checksum: the archive is damaged");
    }
  } finally {
    await file.close();
  }
}

const refuse = (message: string): VisionError => new VisionError("source-unsupported", message);

const damaged = (size: number, got: string): VisionError =>
  new VisionError("source-checksum", `wanted the declared ${size} bytes, got ${got}: the archive is damaged`);
