import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PICTURE_FILE, type LabelledSplit } from "./labelled-picture.ts";

/**
 * `DIR/<split>/<class>/…picture`: a folder per class, the classes counted in the order of their names, as torchvision's
 * `ImageFolder` does. Rejects where there is no such folder.
 */
export async function readImageFolder(dir: string, split: string): Promise<LabelledSplit> {
  const root = join(dir, split);
  const entries = await readdir(root, { withFileTypes: true });
  const classes = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const pictures = await Promise.all(
    classes.map(async (name, classIndex) => {
      const files = await readdir(join(root, name), { recursive: true });
      const found = files.filter((file) => PICTURE_FILE.test(file)).sort();
      return found.map((file) => ({ path: join(root, name, file), classIndex }));
    }),
  );
  return { classes, pictures: pictures.flat() };
}
