import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OTHER_PICTURE_FILE, PICTURE_FILE, type LabelledSplit } from "./labelled-picture.ts";

/**
 * `DIR/<split>/<class>/…picture`: a folder per class, the classes counted in the order of their names, as torchvision's
 * `ImageFolder` does; a folder without a picture is a class all the same. Hidden ones are left out: `.ipynb_checkpoints` is no class,
 * and macOS puts a `._photo.jpg`, which is no picture, beside a photo on foreign disks. Rejects where there is no folder.
 */
export async function readImageFolder(dir: string, split: string): Promise<LabelledSplit> {
  const root = join(dir, split);
  const classes = await foldersIn(root);
  const files = await Promise.all(classes.map((name) => shownFilesIn(join(root, name))));
  const pictures = files.flatMap((paths, classIndex) =>
    paths.filter((path) => PICTURE_FILE.test(path)).map((path) => ({ path, classIndex })),
  );
  return { classes, pictures, skipped: files.flat().filter((path) => OTHER_PICTURE_FILE.test(path)) };
}

/** Paths of the files at every depth, sorted, hidden ones left out. */
async function shownFilesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => !HIDDEN.test(file))
    .sort()
    .map((file) => join(folder, file));
}

const HIDDEN = /(^|[\\/])\./;

/** Names of the folders in a folder, sorted, hidden ones left out; a link to a folder is one. */
export async function foldersIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const isFolder = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isSymbolicLink()) return entry.isDirectory();
      return stat(join(root, entry.name)).then(
        (target) => target.isDirectory(),
        () => false, // it leads nowhere
      );
    }),
  );
  return entries
    .filter(({ name }, at) => isFolder[at] && !HIDDEN.test(name))
    .map(({ name }) => name)
    .sort();
}
