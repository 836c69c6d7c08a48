import { shallowestModel } from "../../../worker/contract/shallowest-model.ts";

/** A file as it reached the page. Inside a folder nobody picked each file by hand. */
export type IntakeFile = {
  readonly file: File;
  readonly fromFolder: boolean;
  readonly path?: string; // where it lay in a dropped folder; a chosen one's files tell it themselves
};

export type SortedFiles = {
  readonly model: readonly File[]; // one model's files; empty where there is none
  readonly photos: readonly File[];
  readonly skipped: number; // what lay in a folder beside the pictures, a model's own files aside
};

/** Weights, also in formats that `load` refuses with a reason. */
const WEIGHTS_FILE = /\.(safetensors|bin|pt|pth|pth\.tar|ckpt|npz|onnx|h5)$/i;
/** Configuration, and a captioner's words. */
const BESIDE_WEIGHTS = /\.json$|^merges\.txt$/i;
const PICTURE_FILE = /\.(jpe?g|jfif|png|webp|gif|avif|bmp|heic|heif|tiff?|svg)$/i;

/**
 * Weights make a model, with the .json files beside them, and so does config.json, everything else is taken for a photo.
 * From a folder they do so only together, and of its own folders only in the shallowest with weights: photo albums hold
 * .json files as well. From a folder only pictures become photos; a file somebody picked always does, so that it gets an
 * answer even if it is none.
 */
export const sortFiles = (files: readonly IntakeFile[]): SortedFiles => {
  const namesOf = (folder: boolean): string[] =>
    files.filter(({ fromFolder }) => fromFolder === folder).map(({ file }) => file.name);
  const modelFolder = holdsModel(namesOf(true));
  const modelPicked = namesOf(false).some((name) => isWeights(name) || name === "config.json");
  const isOfModel = ({ file, fromFolder }: IntakeFile): boolean =>
    (isWeights(file.name) || BESIDE_WEIGHTS.test(file.name)) && (modelFolder || (modelPicked && !fromFolder));
  const model = files.filter(isOfModel);
  const others = files.filter((given) => !isOfModel(given));
  const photos = others.filter(({ file, fromFolder }) => !fromFolder || isPicture(file));
  return {
    model: shallowestModel(model, pathOf, isWeights).map(({ file }) => file),
    photos: photos.map(({ file }) => file),
    skipped: modelFolder ? 0 : others.length - photos.length, // a model folder's README is no loss
  };
};

export const isWeights = (name: string): boolean => WEIGHTS_FILE.test(name);

const pathOf = ({ file, path }: IntakeFile): string => path ?? (file.webkitRelativePath || file.name);

const holdsModel = (names: readonly string[]): boolean => names.includes("config.json") && names.some(isWeights);

const isPicture = (file: File): boolean => file.type.startsWith("image/") || PICTURE_FILE.test(file.name);
