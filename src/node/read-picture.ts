import { readWholeFile } from "./read-whole-file.ts";

/** A picture file as bytes, not decoded. Throws `source-not-found` for what is not there or cannot be read. */
export const readPicture = async (path: string): Promise<Blob> => new Blob([await readWholeFile(path, "picture")]);
