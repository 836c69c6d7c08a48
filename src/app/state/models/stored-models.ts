import { signal, type ReadonlySignal } from "@preact/signals";
import type { StoredModel, Vision } from "../../../index.ts";

/** What this browser keeps of downloaded models. */
export type StoredModels = {
  readonly stored: ReadonlySignal<readonly StoredModel[]>;
  /** Reads anew what is kept: every tab can change it. */
  readonly refreshStored: () => Promise<void>;
};

export const createStoredModels = (vision: ReadonlySignal<Vision | null>): StoredModels => {
  const stored = signal<readonly StoredModel[]>([]);
  return {
    stored,
    async refreshStored() {
      const kept = vision.peek()?.storedModels();
      stored.value = (await kept?.catch(() => [])) ?? [];
    },
  };
};
