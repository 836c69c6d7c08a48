import { stat } from "node:fs/promises";

/** Whether a path is a folder, or a link to one; false for what is not there, too. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
