import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PICTURE_FILE } from "../../datasets/labelled-picture.ts";

/** Files as they are named, folders as the pictures anywhere inside them, sorted; nothing is opened yet. */
export async function findImages(inputs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    inputs.map(async (input) => {
      const isFolder = await stat(input).then(
        (found) => found.isDirectory(),
        () => false, // reading it will say what is wrong
      );
      return isFolder ? picturesIn(input) : [input];
    }),
  );
  return lists.flat();
}

async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && PICTURE_FILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
