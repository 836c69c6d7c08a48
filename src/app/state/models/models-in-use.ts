import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { ModelChoice } from "./model-choices.ts";
import type { LoadedModel } from "./model-loader.ts";

/** One model for classes and one for sentences: what comes into use takes the place of its kind. */
export type ModelsInUse = {
  readonly current: ReadonlySignal<LoadedModel | null>; // names classes
  readonly captioner: ReadonlySignal<LoadedModel | null>; // says sentences; null: nobody asked for any
  readonly picked: ReadonlySignal<ModelChoice | null>; // came into use last, or was picked since
  /** → the model that it takes the place of. What kind it is shows when it is here: its address does not say. */
  readonly use: (loaded: LoadedModel) => LoadedModel | null;
  /** Whether it is in use, and so now the one that is picked. */
  readonly pick: (choice: ModelChoice) => boolean;
  /** → what was dropped. */
  readonly dropCaptioner: () => LoadedModel | null;
};

export const createModelsInUse = (): ModelsInUse => {
  const current = signal<LoadedModel | null>(null);
  const captioner = signal<LoadedModel | null>(null);
  const picked = signal<ModelChoice | null>(null);
  return {
    current,
    captioner,
    picked,
    use(loaded) {
      const place = loaded.info.type === "captioner" ? captioner : current;
      const previous = place.peek();
      batch(() => {
        place.value = loaded;
        picked.value = loaded.choice;
      });
      return previous;
    },
    pick(choice) {
      const isUsed = [current, captioner].some((loaded) => loaded.peek()?.choice === choice);
      if (isUsed) picked.value = choice;
      return isUsed;
    },
    dropCaptioner() {
      const previous = captioner.peek();
      batch(() => {
        captioner.value = null;
        picked.value = current.peek()?.choice ?? null;
      });
      return previous;
    },
  };
};
