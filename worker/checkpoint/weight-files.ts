/** How the files are called that hold a model's weights. */
export const WEIGHTS_FILE = "model.safetensors";
export const INDEX_FILE = "model.safetensors.index.json";
export const PYTORCH_FILE = "pytorch_model.bin";

/** Where a folder may hold them, as one file or as shards that an index lists; the first that is there is read. */
export const WEIGHT_PLACES = [
  [WEIGHTS_FILE, INDEX_FILE],
  [PYTORCH_FILE, "pytorch_model.bin.index.json"],
] as const;

/** How a file of any other name ends that may stand for `WEIGHTS_FILE`; the earlier kinds come first. */
export const WEIGHT_ENDINGS = [".safetensors", ".npz", ".pth", ".pth.tar", ".pt", ".bin", ".ckpt"] as const;

export const endsAsWeights = (name: string): boolean => WEIGHT_ENDINGS.some((ending) => name.endsWith(ending));

/** A file's name without such an ending. */
export const weightsStem = (name: string): string =>
  endsAsWeights(name) ? name.replace(/\.(?:pth\.tar|\w+)$/, "") : name;
