/** What an archive holds under one name. */
export type ArchiveEntry = {
  readonly name: string; // as the archive has it, not yet to be trusted
  readonly kind: string; // "file", "folder", or in words what it is instead
  readonly size: number; // bytes, as declared
  readonly crc32: number | null; // of a file's bytes, where the archive keeps it
  readonly content: () => Promise<AsyncIterable<Uint8Array>>; // of a file; must be read to its end
};

/** How many bytes of the archive have been read. */
export type OnRead = (loaded: number) => void;
