import type { ModelInfo } from "../../../index.ts";
import { isUnnamed, type Photo } from "../photo.ts";

/** A photo that a model has seen, and that model. */
export type Subject = { readonly photo: Photo; readonly model: ModelInfo };

/**
 * The model that a photo's maps are asked of: the one that answered about it, or the one in use where that has nothing
 * to answer with but its attention.
 */
export const subjectOf = (photo: Photo | null, current: ModelInfo | null): Subject | null => {
  const state = photo?.state.value;
  if (!photo || !state) return null;
  if (state.kind === "done") return { photo, model: state.model };
  return isUnnamed(state) && current ? { photo, model: current } : null;
};
