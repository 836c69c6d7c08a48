import { createReadStream } from "node:fs";
import { Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { VisionError } from "../../worker/contract/errors.ts";
import type { ArchiveEntry, OnRead } from "./archive-entry.ts";

const BLOCK = 512; // bytes
const OPTIONS = { highWaterMark: 2 ** 16, allowUnknownFormat: true }; // bytes; the format before POSIX, which has no mark

/** The entries of a tar file in its order: ustar, pax, GNU and the format before them. */
export async function* readTar(path: string, zipped: boolean, onRead: OnRead): AsyncGenerator<ArchiveEntry> {
  const entries = extract(OPTIONS);
  const source = createReadStream(path);
  source.on("data", () => onRead(source.bytesRead));
  const unzipped = zipped ? [createGunzip()] : [];
  const read = pipeline([source, ...unzipped, expectEndMark(), entries]);
  read.catch(() => undefined); // awaited below, which is not always reached
  try {
    for await (const entry of withReason(entries, read)) {
      const bytes = withReason(entry as AsyncIterable<Uint8Array>, read);
      yield { ...describe(entry.header), content: async () => bytes };
    }
    await read;
  } finally {
    entries.destroy(); // and the file with it
  }
}

/** tar-stream says of any failure before it that its stream was closed; the pipeline knows what it was. */
async function* withReason<Item>(items: AsyncIterable<Item>, read: Promise<void>): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch (cause) {
    await read;
    throw cause;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  link: "a hard link",
  symlink: "a symbolic link",
  fifo: "a named pipe",
  "character-device": "a device",
  "block-device": "a device",
};

function describe({ name, type, size, pax }: Header): Omit<ArchiveEntry, "content"> {
  const sparse = Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse."));
  const kind = sparse ? "a sparse file" : (KINDS[type] ?? "an entry of an unknown kind");
  return { name, kind, size, crc32: null };
}

/** A tar file ends in a block of zeros; one cut between two entries would otherwise look whole. */
function expectEndMark(): Transform {
  let last = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback) {
      last = Buffer.concat([last, chunk.subarray(-BLOCK)]).subarray(-BLOCK);
      done(null, chunk);
    },
    flush(done: TransformCallback) {
      if (last.length === BLOCK && last.every((byte) => byte === 0)) return done();
      done(new VisionError("source-truncated", "expected a tar file's end mark, got the end of the file"));
    },
  });
}
