import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { VisionError } from "../worker/contract/errors.ts";
import type { RgbImage } from "../worker/contract/pixels.ts";
import type { LabelledPicture, LabelledSplit } from "./labelled-picture.ts";

const SIDE = 32; // pixels
const PLANE = SIDE * SIDE; // bytes: one colour of a picture

/** What differs between the two. */
export type Cifar = {
  readonly labels: number; // bytes before the pixels, the last of which is the class
  readonly names: string; // file with one class name a line
  readonly files: Readonly<Record<string, RegExp>>; // by split
};

/** Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; its binary version. */
export const CIFAR_10: Cifar = {
  labels: 1,
  names: "batches.meta.txt",
  files: { train: /^data_batch_\d+\.bin$/, test: /^test_batch\.bin$/ },
};

export const CIFAR_100: Cifar = {
  labels: 2, // coarse, fine
  names: "fine_label_names.txt",
  files: { train: /^train\.bin$/, test: /^test\.bin$/ },
};

/**
 * Reads a split whole, since it is small: 150 MB at most. A record is its label bytes, then 1,024 bytes each of red,
 * green and blue, row by row. Throws `source-not-found`, `source-truncated` for a file that ends in mid-record, and
 * `config-malformed` for a label without a name.
 */
export async function readCifar(dir: string, split: string, kind: Cifar): Promise<LabelledSplit> {
  const classes = await readNames(join(dir, kind.names));
  const files = (await readdir(dir)).filter((file) => kind.files[split]?.test(file));
  const inOrder = files.sort((a, b) => a.localeCompare(b, "en", { numeric: true })); // batch 2 before batch 10
  const pictures: LabelledPicture[] = [];
  for (const file of inOrder) pictures.push(...(await readRecords(join(dir, file), kind, classes)));
  return { classes, pictures, skipped: [] };
}

async function readNames(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new VisionError("source-not-found", `${path}: expected one class name a line, got no such file`, { cause });
  });
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

async function readRecords(path: string, { labels }: Cifar, classes: readonly string[]): Promise<LabelledPicture[]> {
  const bytes = await readFile(path);
  const record = labels + 3 * PLANE;
  if (bytes.length % record !== 0) {
    const wanted = `wanted a multiple of ${record} bytes (labels, then 3 × ${SIDE} × ${SIDE} pixels)`;
    throw new VisionError("source-truncated", `${path}: ${wanted}, got ${bytes.length}; download it again`);
  }
  return Array.from({ length: bytes.length / record }, (_, at) => {
    const pixels = (at + 1) * record - 3 * PLANE;
    const classIndex = bytes[pixels - 1]!;
    if (classIndex < classes.length) {
      return { path: `${path}#${at}`, classIndex, pixels: () => interleave(bytes.subarray(pixels)) };
    }
    const wanted = `wanted a label below ${classes.length}, as many as there are class names`;
    throw new VisionError("config-malformed", `${path}#${at}: ${wanted}, got ${classIndex}`);
  });
}

/** planes `[3, 32, 32]` → `[32, 32, 3]` */
function interleave(planes: Uint8Array): RgbImage {
  const data = Uint8Array.from({ length: 3 * PLANE }, (_, at) => planes[(at % 3) * PLANE + Math.floor(at / 3)]!);
  return { width: SIDE, height: SIDE, data };
}
