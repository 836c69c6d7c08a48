import type { ModelInfo } from "./api.ts";
import { VisionError } from "./errors.ts";

export const writesSentences = ({ type }: ModelInfo): boolean => type === "captioner";
export const namesClasses = ({ type }: ModelInfo): boolean => type !== "captioner";

/**
 * The model for a question that names none: of those that are able to answer it the one loaded last; where none is, the
 * last of all, which says why it cannot. Throws `model-not-loaded`.
 */
export function newestAble(loaded: readonly ModelInfo[], able: (model: ModelInfo) => boolean = () => true): ModelInfo {
  const newest = loaded.findLast(able) ?? loaded.at(-1);
  if (newest) return newest;
  throw new VisionError("model-not-loaded", 'No model is loaded; call load("everyday-vit") first.');
}
