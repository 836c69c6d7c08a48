import { open, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { basename } from "node:path";
import { VisionError } from "../../worker/contract/errors.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import { describeRefusal } from "./describe-refusal.ts";

const PIECE = 64 << 20; // bytes; Node's own readFile refuses files from 2 GiB on

/**
 * A regular file of any size that memory holds; a pipe, which might never end, is refused. `what` names it in messages.
 * Throws `source-not-found` for what is not there or cannot be read, and an `AbortError` between two pieces.
 */
export async function readWholeFile(
  path: string,
  what: string,
  options: CallOptions = {},
  pieceBytes = PIECE,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const found = await stat(path); // before opening: that would wait for a pipe's other end
    if (!found.isFile()) throw new Error(`wanted a file, got ${kindOf(found)}`);
    return await readPieces(path, found.size, pieceBytes, options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new VisionError("source-not-found", `${what}: ${describeRefusal(cause)}`, { cause });
  }
}

/** As `readWholeFile`, but `null` for a file that is not there. */
export async function readFileIfThere(
  path: string,
  what: string,
  options?: CallOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await readWholeFile(path, what, options);
  } catch (error) {
    const { cause } = error as VisionError;
    if ((cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return null;
    throw error;
  }
}

async function readPieces(
  path: string,
  size: number,
  pieceBytes: number,
  { signal, onProgress }: CallOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(size);
    for (let loaded = 0; loaded < size;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(bytes, loaded, Math.min(pieceBytes, size - loaded));
      if (bytesRead === 0) throw new Error(`wanted ${size} bytes, got ${loaded}: another program is changing it`);
      loaded += bytesRead;
      onProgress?.({ stage: "download", loaded, total: size, file: basename(path), fromCache: false });
    }
    return bytes;
  } finally {
    await file.close();
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  return found.isFIFO() ? "a pipe" : "a device or socket";
}
