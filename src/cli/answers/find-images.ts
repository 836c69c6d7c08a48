import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { VisionError } from "../../../worker/contract/errors.ts";
import { PICTURE_FILE } from "../../../datasets/labelled-picture.ts";
import { describeRefusal } from "../../node/describe-refusal.ts";
import { isFolder } from "../../node/is-folder.ts";

/** A file to read, or an input that gives none. */
export type FoundImage = { readonly file: string; readonly error?: VisionError };

/** Files as they are named, folders as the pictures anywhere inside them, sorted; nothing is opened yet. */
export async function findImages(inputs: readonly string[]): Promise<FoundImage[]> {
  const lists = await Promise.all(
    inputs.map(async (input) => ((await isFolder(input)) ? picturesOf(input) : [{ file: input }])),
  );
  return lists.flat();
}

async function picturesOf(folder: string): Promise<FoundImage[]> {
  const found = await picturesIn(folder, []);
  if (found.length === 0) return [failed(folder, "expected pictures, found none")];
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/**
 * Links are followed, but never into a folder they lie in (`above`, by their true paths). Hidden files are left out:
 * macOS puts a `._photo.jpg`, which is no picture, beside a photo on foreign disks.
 */
async function picturesIn(folder: string, above: readonly string[]): Promise<FoundImage[]> {
  try {
    const here = await realpath(folder);
    if (above.includes(here)) return [];
    const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
    const lists = names.map(async (name): Promise<FoundImage[]> => {
      const path = join(folder, name);
      if (await isFolder(path)) return picturesIn(path, [...above, here]);
      return PICTURE_FILE.test(name) ? [{ file: path }] : [];
    });
    return (await Promise.all(lists)).flat();
  } catch (cause) {
    return [failed(folder, describeRefusal(cause), cause)];
  }
}

const failed = (file: string, reason: string, cause?: unknown): FoundImage => ({
  file,
  error: new VisionError("source-not-found", `folder: ${reason}`, { cause }),
});
