import type { IntakeFile } from "./sort-files.ts";

/** Every file of a drop or paste, with those in dropped folders. Reads the transfer before it first waits. */
export const readDroppedFiles = async (transfer: DataTransfer): Promise<readonly IntakeFile[]> => {
  const items = Array.from(transfer.items).filter((item) => item.kind === "file");
  const readings = items.map(readItem); // all started now: the transfer is empty once this event is over
  return (await Promise.all(readings)).flat();
};

const readItem = (item: DataTransferItem): Promise<readonly IntakeFile[]> => {
  const file = item.getAsFile();
  const entry = item.webkitGetAsEntry();
  if (entry && isDirectory(entry)) return readFolder(entry);
  return Promise.resolve(file ? [{ file, fromFolder: false }] : []);
};

const readEntry = async (entry: FileSystemEntry): Promise<readonly IntakeFile[]> => {
  if (isDirectory(entry)) return readFolder(entry);
  const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
  return [{ file, fromFolder: true, path: entry.fullPath }]; // a dropped file's webkitRelativePath is empty
};

const readFolder = async (folder: FileSystemDirectoryEntry): Promise<readonly IntakeFile[]> => {
  const entries = await readAllEntries(folder.createReader());
  return (await Promise.all(entries.map(readEntry))).flat();
};

/** A reader gives at most 100 entries at a time, and none at the end. */
const readAllEntries = async (reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> => {
  const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  return batch.length === 0 ? [] : [...batch, ...(await readAllEntries(reader))];
};

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
