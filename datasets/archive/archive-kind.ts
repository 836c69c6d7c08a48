import { open } from "node:fs/promises";

export type ArchiveKind = "tar" | "tar.gz" | "zip";

const BLOCK = 512; // bytes: tar's unit, and all that is looked at

/** What kind of archive a file is, by its first bytes and whatever its name; `null` for any other file. */
export async function archiveKind(path: string): Promise<ArchiveKind | null> {
  const head = await readHead(path);
  if (head[0] === 0x1f && head[1] === 0x8b) return "tar.gz"; // RFC 1952; what it holds shows when it is read
  const mark = head.toString("latin1", 0, 4);
  if (mark === "PK\x03\x04" || mark === "PK\x05\x06") return "zip"; // APPNOTE 4.3.7; 4.3.16 for one without an entry
  return isTarHeader(head) ? "tar" : null;
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK), 0, BLOCK, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** POSIX.1-1988's header, "ustar" mark or not: the sum of its bytes, the sum's own field read as spaces, stands in it. */
function isTarHeader(head: Buffer): boolean {
  if (head.length < BLOCK) return false;
  const stored = parseInt(head.toString("latin1", 148, 156).replaceAll("\0", " ").trim(), 8);
  return head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0) === stored;
}
