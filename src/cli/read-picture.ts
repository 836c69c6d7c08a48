import { readFile } from "node:fs/promises";
import { VisionError } from "../../worker/contract/errors.ts";

/** A picture file as bytes, not decoded. Throws `source-not-found` for what is not there or cannot be read. */
export async function readPicture(path: string): Promise<Blob> {
  try {
    return new Blob([await readFile(path)]);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (cause as Error).message;
    throw new VisionError("source-not-found", `picture: ${reason}`, { cause });
  }
}
