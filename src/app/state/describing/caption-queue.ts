import { computed, type ReadonlySignal } from "@preact/signals";
import { isPictureFault } from "../failure.ts";
import type { LoadedModel } from "../models/model-loader.ts";
import { isUnfinished, type Photo } from "../photo.ts";

export type QueueTools = {
  readonly photos: ReadonlySignal<readonly Photo[]>;
  readonly chosen: ReadonlySignal<Photo | null>; // comes first
  readonly captioner: ReadonlySignal<LoadedModel | null>;
  readonly classifying: ReadonlySignal<boolean>; // photos are described after they were classified
};

/** Photos that are to get a sentence: none while no captioner is in use. */
export type CaptionQueue = {
  readonly waiting: ReadonlySignal<readonly Photo[]>;
  readonly next: ReadonlySignal<Photo | null>;
};

export const createCaptionQueue = ({ photos, chosen, captioner, classifying }: QueueTools): CaptionQueue => {
  const waiting = computed(() => {
    if (!captioner.value) return [];
    const unsaid = photos.value.filter(({ caption }) => caption.value.kind === "waiting");
    return unsaid.filter(canDescribe);
  });
  const next = computed(() => {
    const ready = waiting.value.filter((photo) => !classifying.value || !isUnfinished(photo));
    return ready.find((photo) => photo === chosen.value) ?? ready[0] ?? null;
  });
  return { waiting, next };
};

/** Neither a picture that cannot be read or fetched, nor one that somebody cancelled. */
const canDescribe = ({ state, content }: Photo): boolean => {
  const { value: now } = state;
  if (now.kind === "failed") return !isPictureFault(now.failure) && content instanceof Blob;
  return now.kind !== "cancelled";
};
