import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PICTURE_FILE } from "../labelled-picture.ts";
import type { CaptionedPicture, CaptionSplit, Skipped } from "./captioned-picture.ts";

/** What the files of a data set say, before any of it is held against the pictures. */
export type CaptionList = {
  readonly captions: ReadonlyMap<string, readonly string[]>; // by the name of a picture's file
  readonly skipped: readonly Skipped[]; // lines and records that say nothing
};

/** Names of the pictures that lie directly in a folder, sorted. */
export async function picturesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => PICTURE_FILE.test(name) && !name.startsWith(".")).sort();
}

/**
 * Brings pictures and captions together, in the order of `names`. A name that has no picture among `present`, or no
 * caption, is told in `skipped`: a name is looked up there alone, so it can lead to no other folder.
 */
export function gatherCaptions(
  folder: string,
  names: Iterable<string>,
  present: ReadonlySet<string>,
  { captions, skipped }: CaptionList,
): CaptionSplit {
  const pictures: CaptionedPicture[] = [];
  const without: Skipped[] = [];
  for (const name of new Set(names)) {
    const said = captions.get(name) ?? [];
    if (!present.has(name)) without.push({ name, reason: `expected its picture, found ${said.length} captions alone` });
    else if (said.length === 0) without.push({ name, reason: "expected captions, found the picture alone" });
    else pictures.push({ path: join(folder, name), captions: said });
  }
  return { pictures, skipped: [...skipped, ...without] };
}

/** Adds a caption to those of a picture; one without a word is told instead. */
export function addCaption(captions: Map<string, string[]>, skipped: Skipped[], name: string, caption: string): void {
  const text = caption.trim();
  if (text === "") return void skipped.push({ name, reason: "expected a caption, got one without a word" });
  const said = captions.get(name);
  if (said) said.push(text);
  else captions.set(name, [text]);
}
