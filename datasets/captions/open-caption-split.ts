import { stat } from "node:fs/promises";
import { VisionError } from "../../worker/contract/errors.ts";
import { dataFolder } from "../archive/data-folder.ts";
import type { ArchiveOptions } from "../archive/unpacked-folder.ts";
import { VALIDATION_NAMES } from "../split-names.ts";
import type { CaptionSplit } from "./captioned-picture.ts";
import { findCocoSplits, readCocoCaptions } from "./coco-captions.ts";
import { findFlickr8k, readFlickr8k } from "./flickr8k.ts";

/** A split, how its data set was understood, and what the split is called there. */
export type OpenedCaptionSplit = CaptionSplit & { readonly layout: string; readonly split: string };

type Found = {
  readonly layout: string;
  readonly splits: readonly string[];
  readonly called: (wanted: string) => readonly string[]; // what the split may be called there, best first
  readonly read: (split: string) => Promise<CaptionSplit>;
};

/**
 * Reads one split of Flickr8k or COCO captions, given as a folder or as archives. Names for the held-out split are one:
 * `val`, `validation`, `valid`, `dev`. Flickr8k has a split `all` too, the only one where its lists of pictures lack, as
 * in Kaggle's version. What cannot be used is told in `skipped`. Throws `source-not-found` where there is no such data
 * set, split or not one picture with a caption, and what unpacking and the readers throw.
 */
export async function openCaptionSplit(
  data: string,
  wanted: string,
  options: ArchiveOptions = {},
): Promise<OpenedCaptionSplit> {
  const dir = await dataFolder(data, wanted, options);
  const { layout, splits, called, read } = (await findCoco(dir)) ?? (await findFlickr(dir)) ?? (await refuse(dir));
  const split = called(wanted).find((name) => splits.includes(name));
  if (split === undefined) {
    throw new VisionError("source-not-found", `${layout}: expected a split ${wanted}, found ${splits.join(", ")}`);
  }
  const { pictures, skipped } = await read(split);
  if (pictures.length > 0) return { pictures, skipped, layout, split };
  const [first] = skipped;
  const got = first ? `none of ${skipped.length}, such as ${first.name}: ${first.reason}` : "nothing";
  throw new VisionError("source-not-found", `${layout}, split ${split}: expected pictures with captions, got ${got}`);
}

const HELD_OUT = [...VALIDATION_NAMES, "dev"];

async function findCoco(dir: string): Promise<Found | null> {
  const splits = await findCocoSplits(dir);
  if (splits.length === 0) return null;
  const called = (wanted: string): string[] => {
    const part = HELD_OUT.includes(wanted) ? "val" : wanted;
    return [wanted, ...splits.filter((split) => split.slice(0, -4) === part)];
  };
  return { layout: "COCO captions", splits, called, read: (split) => readCocoCaptions(dir, split) };
}

async function findFlickr(dir: string): Promise<Found | null> {
  const found = await findFlickr8k(dir);
  if (found === null) return null;
  return {
    layout: "Flickr8k",
    splits: [...found.lists.keys(), "all"],
    called: (wanted) => [HELD_OUT.includes(wanted) ? "dev" : wanted],
    read: (split) => readFlickr8k(found, split),
  };
}

async function refuse(dir: string): Promise<never> {
  const looked = "Flickr8k (Flickr8k.token.txt or captions.txt), COCO captions (annotations/captions_train2017.json)";
  const there = await stat(dir).catch(() => null);
  const got = there?.isDirectory() ? "another folder" : there ? "a file that is no archive" : "nothing there";
  throw new VisionError("source-not-found", `captions: looked for ${looked}; found ${got}`);
}
