import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { VisionError } from "../../worker/contract/errors.ts";
import type { CaptionSplit, Skipped } from "./captioned-picture.ts";
import { addCaption, gatherCaptions, picturesIn } from "./gather-captions.ts";

const ANNOTATIONS = "annotations";
const CAPTIONS = /^captions_((?:train|val)20\d\d)\.json$/;

const CaptionFile = v.object({
  images: v.array(v.object({ id: v.number(), file_name: v.string() })),
  annotations: v.array(v.object({ image_id: v.number(), caption: v.string() })),
});

/** Splits of a folder with `annotations/captions_<split>.json`, the later year first: `train2017`, `train2014`, … */
export async function findCocoSplits(dir: string): Promise<string[]> {
  const files = await readdir(join(dir, ANNOTATIONS)).catch(() => []);
  const splits = files.flatMap((file) => CAPTIONS.exec(file)?.[1] ?? []);
  return splits.sort((a, b) => b.slice(-4).localeCompare(a.slice(-4)) || a.localeCompare(b));
}

/**
 * Chen et al., "Microsoft COCO captions", 2015: `annotations/captions_<split>.json`, pictures in `<split>/` or
 * `images/<split>/`. Throws `config-malformed` for a file that says something else, `source-not-found` where there is
 * no folder of pictures.
 */
export async function readCocoCaptions(dir: string, split: string): Promise<CaptionSplit> {
  const folder = await findPictures(dir, split);
  const { images, annotations } = await readCaptionFile(join(dir, ANNOTATIONS, `captions_${split}.json`));
  const names = new Map(images.map(({ id, file_name }) => [id, file_name]));
  const captions = new Map<string, string[]>();
  const skipped: Skipped[] = [];
  for (const { image_id, caption } of annotations) {
    const name = names.get(image_id);
    if (name !== undefined) addCaption(captions, skipped, name, caption);
    else
      skipped.push({ name: `image_id ${image_id}`, reason: "expected a picture of that id, found its caption alone" });
  }
  const present = await picturesIn(folder);
  return gatherCaptions(folder, [...names.values(), ...present], new Set(present), { captions, skipped });
}

async function findPictures(dir: string, split: string): Promise<string> {
  for (const folder of [join(dir, split), join(dir, "images", split)]) {
    if (await stat(folder).catch(() => null)) return folder;
  }
  const message = `COCO captions: expected the pictures in ${split} or images/${split}, found neither`;
  throw new VisionError("source-not-found", message);
}

async function readCaptionFile(path: string): Promise<v.InferOutput<typeof CaptionFile>> {
  const malformed = (got: string, cause?: unknown): VisionError =>
    new VisionError("config-malformed", `${path}: expected COCO's captions, got ${got}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw malformed("no JSON", cause);
  }
  const read = v.safeParse(CaptionFile, value, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw malformed(`${v.getDotPath(issue) ?? "a value"}: ${issue.message}`);
}
