import { fetchPicture } from "../../worker/image/fetch-picture.ts";
import { readWholeFile } from "./read-whole-file.ts";

/**
 * The bytes of a picture file or of one behind an `http(s):` address, not decoded; `what` names it in messages. Throws
 * `source-not-found` for what is not there or cannot be read, `source-network`.
 */
export async function readPicture(path: string, what = "picture"): Promise<Blob> {
  return new Blob([await (/^https?:/i.test(path) ? fetchPicture(path) : readWholeFile(path, what))]);
}
