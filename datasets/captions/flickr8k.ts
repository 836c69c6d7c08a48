import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { VisionError } from "../../worker/contract/errors.ts";
import { readCsv } from "../csv.ts";
import type { CaptionSplit, Skipped } from "./captioned-picture.ts";
import { addCaption, type CaptionList, gatherCaptions, picturesIn } from "./gather-captions.ts";

const TEXT_FOLDERS = ["", "Flickr8k_text"];
const PICTURE_FOLDERS = [
  "Images",
  "images",
  "Flicker8k_Dataset", // as the original is spelt
  "Flickr8k_Dataset/Flicker8k_Dataset",
  "Flickr8k_Dataset",
];
const CAPTION_FILES = { "Flickr8k.token.txt": readTokens, "captions.txt": readKaggle } as const;
const LISTS = { train: "Flickr_8k.trainImages.txt", dev: "Flickr_8k.devImages.txt", test: "Flickr_8k.testImages.txt" };

/** Where the parts of the data set lie; `lists` by split. */
export type Flickr8k = {
  readonly captions: { readonly path: string; readonly read: (text: string) => CaptionList };
  readonly lists: ReadonlyMap<string, string>;
  readonly dir: string;
};

/**
 * Hodosh, Young and Hockenmaier, "Framing image description as a ranking task", JAIR 47, 2013: as its authors publish
 * it (`Flickr8k_text/`, `Flicker8k_Dataset/`) and as Kaggle does (`captions.txt`, `Images/`), or mixed. `null` for
 * another kind of folder.
 */
export async function findFlickr8k(dir: string): Promise<Flickr8k | null> {
  for (const [file, read] of Object.entries(CAPTION_FILES)) {
    const path = await findFirst(TEXT_FOLDERS.map((folder) => join(dir, folder, file)));
    if (path !== null) return { captions: { path, read }, lists: await findLists(dir), dir };
  }
  return null;
}

async function findLists(dir: string): Promise<Map<string, string>> {
  const lists = new Map<string, string>();
  for (const [split, file] of Object.entries(LISTS)) {
    const path = await findFirst(TEXT_FOLDERS.map((folder) => join(dir, folder, file)));
    if (path !== null) lists.set(split, path);
  }
  return lists;
}

async function findFirst(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (await stat(path).catch(() => null)) return path;
  return null;
}

/** `split`: one that has a list, or "all". Throws `source-not-found` where there is no folder of pictures. */
export async function readFlickr8k({ captions, lists, dir }: Flickr8k, split: string): Promise<CaptionSplit> {
  const folder = await findFirst(PICTURE_FOLDERS.map((name) => join(dir, name)));
  if (folder === null) {
    const message = `Flickr8k: expected its pictures in ${PICTURE_FOLDERS.join(", ")}, found no such folder`;
    throw new VisionError("source-not-found", message);
  }
  const said = captions.read(await readFile(captions.path, "utf8"));
  const present = await picturesIn(folder);
  const list = lists.get(split);
  const names = list === undefined ? [...said.captions.keys(), ...present] : linesOf(await readFile(list, "utf8"));
  return gatherCaptions(folder, names, new Set(present), said);
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** `<picture>#<number>⇥<caption>` a line */
function readTokens(text: string): CaptionList {
  const captions = new Map<string, string[]>();
  const skipped: Skipped[] = [];
  for (const line of linesOf(text)) {
    const [, name, caption = ""] = /^([^\t]+)#\d+(?:\t(.*))?$/.exec(line) ?? [];
    if (name === undefined)
      skipped.push({ name: line, reason: "expected a line <picture>#<number>, a tab, a caption" });
    else addCaption(captions, skipped, name, caption);
  }
  return { captions, skipped };
}

/** Comma-separated `<picture>,<caption>`; a caption's own commas are taken for such where they are not quoted. */
function readKaggle(text: string): CaptionList {
  const captions = new Map<string, string[]>();
  const skipped: Skipped[] = [];
  for (const [at, [name = "", ...words]] of readCsv(text.replace(/^\uFEFF/, "")).entries()) {
    if (at === 0 && name === "image") continue; // its heading
    addCaption(captions, skipped, name, words.join(","));
  }
  return { captions, skipped };
}
