/** How the files are called that hold a model's weights. */
export const WEIGHTS_FILE = "model.safetensors";
export const INDEX_FILE = "model.safetensors.index.json";
export const PYTORCH_FILE = "pytorch_model.bin";

/** Where a folder may hold them, as one file or as shards that an index lists; the first that is there is read. */
export const WEIGHT_PLACES = [
  [WEIGHTS_FILE, INDEX_FILE],
  [PYTORCH_FILE, "pytorch_model.bin.index.json"],
] as const;

/** Whether a file is found by its name. */
export const isNamedWeights = (name: string): boolean => WEIGHT_PLACES.flat().some((named) => named === name);

/** How files of weights end; the earlier kinds come first. */
export const WEIGHT_ENDINGS = [".safetensors", ".npz", ".pth", ".pth.tar", ".pt", ".bin", ".ckpt"] as const;

export const endsAsWeights = (name: string): boolean => WEIGHT_ENDINGS.some((ending) => name.endsWith(ending));

/** Of the files of a folder those that may stand for `WEIGHTS_FILE`: all of the first kind, where none is called as it should. */
export function bareWeights(names: readonly string[]): readonly string[] {
  if (names.some(isNamedWeights)) return [];
  const kind = WEIGHT_ENDINGS.find((ending) => names.some((name) => name.endsWith(ending)));
  return kind ? names.filter((name) => name.endsWith(kind)) : [];
}

/** A file's name without such an ending. */
export const weightsStem = (name: string): string =>
  endsAsWeights(name) ? name.replace(/\.(?:pth\.tar|\w+)$/, "") : name;
