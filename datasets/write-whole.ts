import { rename, writeFile } from "node:fs/promises";

/** Under another name first: nobody ever sees half a file, and a killed process leaves the older one whole. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await writeFile(`${path}.unfinished`, content);
  await rename(`${path}.unfinished`, path);
}
