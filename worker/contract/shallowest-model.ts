/**
 * Of files in folders within folders those of one model: what lies in the shallowest folder with weights, or in all that
 * are as shallow. A trainer leaves checkpoints beneath the model it ended with, and exports lie beneath what they were
 * made of. Files of no folder (path without "/") stay, and all do where no folder holds weights.
 */
export function shallowestModel<Item>(
  files: readonly Item[],
  pathOf: (file: Item) => string,
  isWeights: (path: string) => boolean,
): readonly Item[] {
  const withWeights = files.map(pathOf).filter(isWeights).map(folderOf).filter(Boolean);
  const depth = Math.min(...withWeights.map(depthOf));
  const models = new Set(withWeights.filter((folder) => depthOf(folder) === depth));
  if (models.size === 0) return files;
  return files.filter((file) => ["", ...models].includes(folderOf(pathOf(file))));
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);

const depthOf = (folder: string): number => folder.split("/").length;
