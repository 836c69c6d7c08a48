import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { foldersIn } from "../image-folder.ts";
import { archiveKind } from "./archive-kind.ts";
import { type ArchiveOptions, unpackedFolder } from "./unpacked-folder.ts";

/**
 * The folder a data set lies in: `data` itself; where that is an archive, or a folder of nothing but archives (the
 * pieces of one data set), what they unpack to. Throws what `unpack` does; whether `data` exists is not asked here.
 */
export async function dataFolder(data: string, split: string, options: ArchiveOptions = {}): Promise<string> {
  const archives = await archivesAt(data);
  return archives.length > 0 ? skipWrapping(await unpackedFolder(archives, options), split) : data;
}

async function archivesAt(data: string): Promise<string[]> {
  const found = await stat(data).catch(() => null);
  if (found?.isFile()) return (await archiveKind(data)) === null ? [] : [data];
  if (!found?.isDirectory()) return [];
  const archives: string[] = [];
  for (const name of (await visible(data)).sort()) {
    const path = join(data, name);
    if (!(await isFile(path)) || (await archiveKind(path)) === null) return [];
    archives.push(path);
  }
  return archives;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const SPLIT = /^(train|val|valid|validation|dev|test)(20\d\d)?$/i; // folders that are no wrapping, though alone

/** `tiny-imagenet-200/…` in `tiny-imagenet-200.zip`: a folder that holds one folder, and that no split, is passed through. */
async function skipWrapping(folder: string, split: string): Promise<string> {
  const [only, ...others] = await visible(folder);
  if (only === undefined || others.length > 0 || only === split || SPLIT.test(only)) return folder;
  if (!(await foldersIn(folder)).includes(only)) return folder;
  return skipWrapping(join(folder, only), split);
}

/** Names in a folder, without hidden ones and the one macOS adds to its zip files. */
const visible = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith(".") && name !== "__MACOSX");
