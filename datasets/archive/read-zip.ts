import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from "yauzl";
import type { ArchiveEntry, OnRead } from "./archive-entry.ts";

/** The entries of a zip file, as its directory lists them; zip64 too, which COCO's pictures need. */
export async function* readZip(path: string, onRead: OnRead): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(path, { decodeStrings: false }); // names are judged in one place, for tar as well
  try {
    let loaded = 0;
    for await (const entry of zip.eachEntry()) {
      yield describeEntry(zip, entry);
      loaded += entry.compressedSize;
      onRead(loaded);
    }
  } finally {
    zip.close();
  }
}

function describeEntry(zip: ZipFile, entry: Entry): ArchiveEntry {
  const { generalPurposeBitFlag, fileNameRaw, extraFields, uncompressedSize: size, crc32 } = entry;
  const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true); // backslashes stay
  return { name, kind: kindOf(name, entry), size, crc32, content: () => zip.openReadStreamPromise(entry) };
}

const UNIX = 3; // the upper byte of "version made by", APPNOTE 4.4.2; then attributes hold a file's mode
const FILE_TYPES: Readonly<Record<number, string>> = {
  0x1000: "a named pipe",
  0x2000: "a device",
  0x6000: "a device",
  0xa000: "a symbolic link",
  0xc000: "a socket",
};

function kindOf(name: string, entry: Entry): string {
  if (entry.isEncrypted()) return "an encrypted file";
  const type = entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & 0xf000 : 0;
  const special = FILE_TYPES[type];
  if (special !== undefined) return special;
  if (name.endsWith("/")) return "folder";
  return entry.canDecodeFileData() ? "file" : `a file neither stored nor deflated (method ${entry.compressionMethod})`;
}
