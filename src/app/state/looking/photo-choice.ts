import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { isUnnamed, type Photo } from "../photo.ts";

/** The photo that is looked into. */
export type PhotoChoice = {
  readonly chosen: ReadonlySignal<Photo | null>;
  readonly choose: (photo: Photo) => void;
};

/** The newest that can be looked into, until somebody chooses another; photos given after that come first again. */
export const createPhotoChoice = (list: ReadonlySignal<readonly Photo[]>): PhotoChoice => {
  const picked = signal<{ readonly photo: Photo; readonly newest: number } | null>(null);
  const newest = (): number => Math.max(0, ...list.value.map(({ id }) => id));
  return {
    chosen: computed(() => {
      const photos = list.value;
      const pick = picked.value;
      if (pick && photos.includes(pick.photo) && newest() <= pick.newest) return pick.photo;
      return photos.find(isPromising) ?? photos[0] ?? null;
    }),
    choose: (photo) => void (picked.value = { photo, newest: newest() }),
  };
};

const isPromising = (photo: Photo): boolean => {
  const state = photo.state.value;
  return isUnnamed(state) || (state.kind !== "failed" && state.kind !== "cancelled");
};
