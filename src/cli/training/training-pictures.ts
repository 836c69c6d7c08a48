import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { dataFolder } from "../../../datasets/archive/data-folder.ts";
import { drawBags } from "../../../datasets/bags.ts";
import { countByClass } from "../../../datasets/class-counts.ts";
import { foldersIn, readImageFolder } from "../../../datasets/image-folder.ts";
import { PICTURE_FILE } from "../../../datasets/labelled-picture.ts";
import { nameSome } from "../../../datasets/name-some.ts";
import { openSplit, type OpenedSplit } from "../../../datasets/open-split.ts";
import { splitStratified } from "../../../datasets/split-stratified.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { tellLeftOut } from "../output/tell-left-out.ts";
import { tellUnpacking } from "../output/tell-unpacking.ts";
import type { Recipe } from "./recipe-file.ts";

export type TrainingPictures = {
  readonly train: OpenedSplit;
  readonly validation: OpenedSplit | null; // the same classes in the same order
};

const CLASS_FOLDERS = "folder of classes";

/**
 * The pictures to learn from and those kept aside: another split, a share of each class, or those never drawn for the
 * bag of a bagged ensemble. `data` is a data set in a
 * known layout, or simply a folder with a folder of pictures for each class. Throws `training-data` where there is
 * nothing to tell apart: fewer than two classes, or a class without a picture.
 */
export async function openTrainingPictures(
  data: string,
  { train: split, validation, bag }: Recipe["data"],
  seed: number,
): Promise<TrainingPictures> {
  const options = { onProgress: tellUnpacking(), lookedFor: [`${CLASS_FOLDERS} (<class>/<picture>)`] };
  const all = (await openClassFolders(data, split, options)) ?? (await openSplit(data, split, options));
  tellLeftOut(all);
  expectClasses(all);
  if (bag !== null) return drawBag(all, bag, seed);
  if (validation === null) return { train: all, validation: null };
  if (typeof validation === "number") return holdAside(all, validation, seed);
  const held = await openSplit(data, validation, options);
  tellLeftOut(held);
  if (held.classes.join("\n") === all.classes.join("\n")) return { train: all, validation: held };
  const message = `validation: wanted the ${all.classes.length} classes of ${split}, got ${nameSome(held.classes)}`;
  throw new VisionError("training-data", message);
}

/** `DIR/<class>/…picture` without splits; null where `data` is laid out in another way. Throws for pictures of no class. */
async function openClassFolders(
  data: string,
  split: string,
  options: Parameters<typeof dataFolder>[2],
): Promise<OpenedSplit | null> {
  const root = resolve(await dataFolder(data, split, options));
  const folders = await foldersIn(root).catch((): string[] => []);
  const isSplit = folders.includes(split) && (await foldersIn(join(root, split))).length > 0; // else a class of that name
  if (isSplit) return null;
  const pictures = await Promise.all(folders.map((folder) => picturesIn(join(root, folder))));
  if (pictures.flat().length === 0) {
    refuseLoose(await picturesIn(root));
    return null;
  }
  const read = await readImageFolder(dirname(root), basename(root));
  return { ...read, layout: CLASS_FOLDERS, split: "all", root };
}

const picturesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch((): string[] => [])).filter((file) => PICTURE_FILE.test(file)).sort();

function refuseLoose(pictures: readonly string[]): void {
  if (pictures.length === 0) return;
  const message = `classes: wanted a folder of pictures for each, DIR/<class>/<picture>, got pictures in none: ${nameSome(pictures)}; put them into folders named as their classes`;
  throw new VisionError("training-data", message);
}

function expectClasses(split: OpenedSplit): void {
  if (split.classes.length < 2) {
    const got = split.classes.length === 1 ? `${split.classes[0]} alone` : "none";
    throw new VisionError("training-data", `classes: wanted two or more to tell apart, got ${got}; add another folder`);
  }
  const counts = countByClass(split);
  const empty = split.classes.filter((_, index) => counts[index] === 0);
  if (empty.length === 0) return;
  const message = `classes: wanted a picture or more of each, got none of ${nameSome(empty)}; add some or remove the folder`;
  throw new VisionError("training-data", message);
}

function drawBag(all: OpenedSplit, bag: number, seed: number): TrainingPictures {
  const { indices, outOfBag } = drawBags(all.pictures.length, { bags: bag, seed })[bag - 1]!;
  const part = (of: readonly number[]): OpenedSplit => ({ ...all, pictures: of.map((index) => all.pictures[index]!) });
  expectClasses(part(indices));
  return { train: part(indices), validation: outOfBag.length > 0 ? part(outOfBag) : null };
}

function holdAside(all: OpenedSplit, share: number, seed: number): TrainingPictures {
  const { train, validation } = splitStratified(all.pictures, ({ classIndex }) => classIndex, {
    validation: share,
    seed,
  });
  if (validation.length === 0 && share > 0) {
    console.error("Too few pictures to hold any aside: the model is not measured, and learns for all its epochs.");
  }
  return {
    train: { ...all, pictures: train },
    validation: validation.length > 0 ? { ...all, pictures: validation } : null,
  };
}
