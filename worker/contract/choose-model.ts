import type { ModelInfo } from "./api.ts";

export const writesSentences = ({ type }: ModelInfo): boolean => type === "captioner";
export const namesClasses = ({ type }: ModelInfo): boolean => type !== "captioner";

/**
 * The model for a question that names none: of those that are able to answer it the one loaded last; where none is, the
 * last of all, which says why it cannot. `undefined` where there is none.
 */
export const newestAble = (
  loaded: readonly ModelInfo[],
  able: (model: ModelInfo) => boolean = () => true,
): ModelInfo | undefined => loaded.findLast(able) ?? loaded.at(-1);
