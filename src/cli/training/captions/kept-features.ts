import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pause } from "../../../../worker/contract/turns.ts";
import { cacheFolder } from "../../../../datasets/cache-folder.ts";
import { writeWhole } from "../../../../datasets/write-whole.ts";
import { preprocess } from "../../../../worker/image/preprocess.ts";
import { decodeWithSharp } from "../../../node/decode.ts";
import { createProgressLine } from "../../output/progress-line.ts";
import type { CaptionEncoder, Look } from "./caption-encoder.ts";

/** What an encoder sees of some pictures; on disk. */
export type KeptFeatures = {
  readonly places: number; // L
  readonly width: number; // C
  /** `[L, C]` of one picture. */
  readonly read: (picture: number) => Promise<Float32Array>;
};

/** Features of the pictures that could be read; `kept` are their places in the list. */
export type SeenPictures = { readonly features: KeptFeatures; readonly kept: readonly number[] };

/**
 * Looks at every picture once, ever: features lie in the cache folder by encoder and by the bytes of the picture. One that
 * cannot be read is told and left out.
 */
export async function keepFeatures(
  paths: readonly string[],
  { shape, fingerprint, recipe }: CaptionEncoder,
  look: Look,
  tell: { readonly onBadPicture: (path: string, error: unknown) => void; readonly pause: Pause },
): Promise<SeenPictures> {
  const folder = join(cacheFolder(), "features", fingerprint);
  await mkdir(folder, { recursive: true });
  const progress = createProgressLine(process.stderr, 20);
  const size = shape.places * shape.width;
  const files: string[] = [];
  const kept: number[] = [];
  for (const [at, path] of paths.entries()) {
    try {
      const bytes = await readFile(path);
      const file = join(folder, `${createHash("sha256").update(bytes).digest("hex")}.f32`);
      if (!(await readFeatures(file, size))) {
        const { buffer, byteOffset, byteLength } = await look(preprocess(await decodeWithSharp(bytes), recipe));
        await writeWhole(file, new Uint8Array(buffer, byteOffset, byteLength));
      }
      files.push(file);
      kept.push(at);
    } catch (error) {
      progress.clear();
      tell.onBadPicture(path, error);
    }
    progress.tell(at + 1, `looking at pictures: ${at + 1} of ${paths.length}`);
    await tell.pause();
  }
  progress.clear();
  return { features: { ...shape, read: async (picture) => (await readFeatures(files[picture]!, size))! }, kept };
}

/** Null where there are none, or not as many: a file that was cut short is made again. */
async function readFeatures(file: string, size: number): Promise<Float32Array | null> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes?.length !== 4 * size) return null;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
