import { readdir } from "node:fs/promises";
import { VisionError } from "../worker/contract/errors.ts";
import { dataFolder } from "./archive/data-folder.ts";
import type { ArchiveOptions } from "./archive/unpacked-folder.ts";
import { type Cifar, CIFAR_10, CIFAR_100, readCifar } from "./cifar.ts";
import { countByEnding } from "./count-by-ending.ts";
import { foldersIn, readImageFolder } from "./image-folder.ts";
import type { LabelledSplit } from "./labelled-picture.ts";
import { nameSome } from "./name-some.ts";
import { VALIDATION_NAMES } from "./split-names.ts";
import { readTinyImagenet, TINY_IMAGENET_CLASSES } from "./tiny-imagenet.ts";

/** What lies directly in a folder, by name. */
type Listing = { readonly entries: readonly string[]; readonly folders: readonly string[] };

type Layout = {
  readonly title: string;
  readonly marks: string; // what tells it from the others, for people
  readonly validation?: string; // its held-out split, where that goes by another name
  readonly fits: (found: Listing) => boolean;
  readonly splits: (found: Listing) => readonly string[];
  readonly read: (dir: string, split: string) => Promise<LabelledSplit>;
};

/** A split, how its folder was understood, what the split is called there, and the folder its pictures lie below. */
export type OpenedSplit = LabelledSplit & { readonly layout: string; readonly split: string; readonly root: string };

export type OpenOptions = ArchiveOptions & {
  readonly lookedFor?: readonly string[]; // what the caller has looked for before, for the message
};

const LAYOUTS: readonly Layout[] = [
  {
    title: "Tiny-ImageNet",
    marks: TINY_IMAGENET_CLASSES,
    fits: ({ entries }) => entries.includes(TINY_IMAGENET_CLASSES),
    splits: ({ folders }) => folders,
    read: readTinyImagenet,
  },
  cifarLayout("CIFAR-10", "test_batch.bin, data_batch_1.bin", CIFAR_10),
  cifarLayout("CIFAR-100", "test.bin, train.bin", CIFAR_100),
  {
    title: "image folder",
    marks: "<split>/<class>/<picture>",
    fits: ({ folders }) => folders.length > 0,
    splits: ({ folders }) => folders,
    read: readImageFolder,
  },
];

function cifarLayout(title: string, marks: string, kind: Cifar): Layout {
  const splits = ({ entries }: Listing): string[] => {
    const present = Object.entries(kind.files).filter(([, file]) => entries.some((entry) => file.test(entry)));
    return present.map(([split]) => split);
  };
  return {
    title,
    marks,
    validation: "test",
    fits: (found) => found.entries.includes(kind.names) || splits(found).length > 0,
    splits,
    read: (dir, split) => readCifar(dir, split, kind),
  };
}

/**
 * Finds out what kind of data set lies in a folder and reads one split of it. `data` may also be a .tar, .tar.gz or .zip
 * file, or a folder of nothing but such files: they are unpacked once, and kept. Throws `source-not-found` where there
 * is no such folder, layout, split or not one picture, `source-unsupported` for a known kind of file that is not read,
 * and what unpacking and the reader of the layout throw.
 */
export async function openSplit(data: string, wanted: string, options: OpenOptions = {}): Promise<OpenedSplit> {
  const dir = await dataFolder(data, wanted, options);
  const found = await listFolder(dir);
  const layout = LAYOUTS.find(({ fits }) => fits(found));
  if (!layout) throw unknownLayout(found, options.lookedFor);
  const split = chooseSplit(wanted, layout, found);
  const read = await layout.read(dir, split);
  if (read.pictures.length > 0) return { ...read, layout: layout.title, split, root: dir };
  const others = read.skipped.length > 0 ? ` but ${countByEnding(read.skipped)}` : "";
  const got = read.classes.length > 0 ? `${read.classes.length} classes without one${others}` : "no class";
  throw new VisionError("source-not-found", `${layout.title}, split ${split}: expected pictures, found ${got}`);
}

async function listFolder(dir: string): Promise<Listing> {
  try {
    return { entries: (await readdir(dir)).sort(), folders: await foldersIn(dir) };
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    const known = new Map([
      ["ENOENT", "nothing there"],
      ["ENOTDIR", "a file that is no .tar, .tar.gz or .zip archive"],
    ]);
    const got = known.get(code) ?? message;
    throw new VisionError("source-not-found", `data set: expected a folder, got ${got}`, { cause });
  }
}

function chooseSplit(wanted: string, { title, validation, splits }: Layout, found: Listing): string {
  const there = splits(found);
  const names = VALIDATION_NAMES.includes(wanted) ? [wanted, ...VALIDATION_NAMES, validation ?? wanted] : [wanted];
  const split = names.find((name) => there.includes(name));
  if (split !== undefined) return split;
  const got = there.length > 0 ? `found ${nameSome(there)}` : "found no split";
  throw new VisionError("source-not-found", `${title}: expected a split ${wanted}, ${got}`);
}

function unknownLayout({ entries }: Listing, before: readonly string[] = []): VisionError {
  if (entries.some((entry) => /^(test_batch|data_batch_\d+|meta)$/.test(entry))) {
    const message = "CIFAR: expected its binary version (.bin), got its Python version; download the binary one";
    return new VisionError("source-unsupported", message);
  }
  const looked = [...before, ...LAYOUTS.map(({ title, marks }) => `${title} (${marks})`)].join(", ");
  const got = entries.length > 0 ? nameSome(entries) : "an empty folder";
  return new VisionError("source-not-found", `data set: looked for ${looked}; found ${got}`);
}
