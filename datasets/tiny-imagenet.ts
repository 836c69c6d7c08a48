import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { VisionError } from "../worker/contract/errors.ts";
import { foldersIn, readImageFolder } from "./image-folder.ts";
import type { LabelledSplit } from "./labelled-picture.ts";

/** The file that tells Tiny-ImageNet from an image folder, and the order of its classes. */
export const TINY_IMAGENET_CLASSES = "wnids.txt";

/**
 * Tiny-ImageNet-200 as Stanford's CS231n publishes it: `wnids.txt` gives the order of the classes; training pictures lie
 * in `train/<wnid>/images/`, validation pictures in `val/images/` with `val_annotations.txt`; the test pictures have no
 * labels. Throws `config-malformed` for a label that `wnids.txt` does not have, `source-not-found` where labels lack.
 */
export async function readTinyImagenet(dir: string, split: string): Promise<LabelledSplit> {
  const ids = await readFile(join(dir, TINY_IMAGENET_CLASSES), "utf8");
  const classes = ids.split(/\s+/).filter((id) => id !== "");
  const annotations = join(dir, split, `${split}_annotations.txt`);
  const annotated = await access(annotations).then(
    () => true,
    () => false,
  );
  return annotated ? readAnnotated(join(dir, split), annotations, classes) : readByFolder(dir, split, classes);
}

async function readAnnotated(root: string, annotations: string, classes: string[]): Promise<LabelledSplit> {
  const lines = (await readFile(annotations, "utf8")).split(/\r?\n/).filter((line) => line !== "");
  const pictures = lines.map((line) => {
    const [file = "", id = ""] = line.split("\t");
    return { path: join(root, "images", file), classIndex: indexOf(id, classes, annotations) };
  });
  return { classes, pictures, skipped: [] };
}

async function readByFolder(dir: string, split: string, classes: string[]): Promise<LabelledSplit> {
  if ((await foldersIn(join(dir, split))).join() === "images") {
    const wanted = `expected ${split}_annotations.txt, found pictures without labels`;
    throw new VisionError("source-not-found", `${join(dir, split)}: ${wanted}; measure on another split`);
  }
  const folders = await readImageFolder(dir, split);
  const pictures = folders.pictures.map(({ path, classIndex }) => {
    return { path, classIndex: indexOf(folders.classes[classIndex] ?? "", classes, path) };
  });
  return { classes, pictures, skipped: folders.skipped };
}

function indexOf(id: string, classes: readonly string[], where: string): number {
  const index = classes.indexOf(id);
  if (index >= 0) return index;
  throw new VisionError("config-malformed", `${where}: ${JSON.stringify(id)} is no class of ${TINY_IMAGENET_CLASSES}`);
}
