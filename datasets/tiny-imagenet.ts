import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readImageFolder } from "./image-folder.ts";
import type { LabelledSplit } from "./labelled-picture.ts";

/**
 * Tiny-ImageNet-200 as Stanford's CS231n publishes it: `wnids.txt` gives the order of the classes; training pictures lie
 * in `train/<wnid>/images/`, validation pictures in `val/images/` with `val_annotations.txt`. `null` where `dir` is none.
 */
export async function readTinyImagenet(dir: string, split: string): Promise<LabelledSplit | null> {
  const ids = await readFile(join(dir, "wnids.txt"), "utf8").catch(() => null);
  if (ids === null) return null;
  const classes = ids.split(/\s+/).filter((id) => id !== "");
  const annotations = join(dir, split, `${split}_annotations.txt`);
  const annotated = await access(annotations).then(
    () => true,
    () => false,
  );
  return annotated ? readAnnotated(join(dir, split), annotations, classes) : readByFolder(dir, split, classes);
}

async function readAnnotated(root: string, annotations: string, classes: string[]): Promise<LabelledSplit> {
  const lines = (await readFile(annotations, "utf8")).split("\n").filter((line) => line !== "");
  const pictures = lines.map((line) => {
    const [file = "", id = ""] = line.split("\t");
    return { path: join(root, "images", file), classIndex: indexOf(id, classes, annotations) };
  });
  return { classes, pictures };
}

async function readByFolder(dir: string, split: string, classes: string[]): Promise<LabelledSplit> {
  const folders = await readImageFolder(dir, split);
  const pictures = folders.pictures.map(({ path, classIndex }) => {
    return { path, classIndex: indexOf(folders.classes[classIndex] ?? "", classes, path) };
  });
  return { classes, pictures };
}

function indexOf(id: string, classes: readonly string[], where: string): number {
  const index = classes.indexOf(id);
  if (index >= 0) return index;
  throw new Error(`${where}: ${id} is no class of wnids.txt`);
}
