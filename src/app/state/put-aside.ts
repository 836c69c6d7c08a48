import { batch, computed, type ReadonlySignal } from "@preact/signals";
import type { Captions } from "./describing/captions.ts";
import type { Models } from "./models/models.ts";
import type { Photo } from "./photo.ts";
import type { Photos } from "./photos.ts";

/** Photos whose class or sentence was cancelled, and the way to have them all after all. */
export type PutAside = {
  readonly list: ReadonlySignal<readonly Photo[]>;
  readonly goOn: () => void;
};

export const createPutAside = (
  photos: Pick<Photos, "list" | "retry">,
  captions: Pick<Captions, "retry">,
  models: Pick<Models, "captioner">,
): PutAside => {
  const isUnsaid = ({ caption }: Photo): boolean =>
    models.captioner.value !== null && caption.value.kind === "cancelled";
  const list = computed(() => photos.list.value.filter((photo) => isUnclassified(photo) || isUnsaid(photo)));
  return {
    list,
    goOn: () =>
      batch(() => {
        for (const photo of list.peek()) {
          if (isUnsaid(photo)) captions.retry(photo);
          if (isUnclassified(photo)) photos.retry(photo);
        }
      }),
  };
};

const isUnclassified = ({ state }: Photo): boolean => state.value.kind === "cancelled";
