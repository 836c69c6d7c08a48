import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { ModelChoice } from "../model-choices.ts";
import type { Models } from "../models.ts";
import type { Looking } from "./looking.ts";
import { readLink, writeLink } from "./view-link.ts";

/** The view as a link carries it, and what became of one that was followed. */
export type SharedView = {
  readonly notice: ReadonlySignal<string>; // what of a link could not be restored
  /** Restores what an address carries behind `#`; gives the model it names, if any. */
  readonly follow: (hash: string) => string | null;
  readonly write: () => string;
  readonly dismiss: () => void;
};

export const createSharedView = (looking: Looking, models: Models): SharedView => {
  const refused = signal<readonly string[]>([]);
  const wanted = signal<string | null>(null);
  const dismissed = signal(false);

  const missing = computed(() => {
    const offered = [...models.included.value, ...models.hub, ...models.own.value];
    return models.current.value !== null && wanted.value !== null && !offered.some(isWanted);
  });
  const isWanted = ({ value }: ModelChoice): boolean => value === wanted.value;

  return {
    notice: computed(() => {
      const lost = [...refused.value, ...looking.misfit.value];
      if (dismissed.value || (lost.length === 0 && !missing.value)) return "";
      const model = missing.value ? `It was made with another model, ${wanted.value}. ` : "";
      const settings = lost.length > 0 ? `Left as usual: ${lost.join(", ")}.` : "";
      return `This link could not be followed whole. ${model}${settings}`.trim();
    }),
    follow(hash) {
      const linked = readLink(hash);
      if (!linked) return null;
      refused.value = linked.refused;
      wanted.value = linked.model;
      dismissed.value = false;
      looking.restore(linked.view);
      return linked.model;
    },
    write: () => writeLink(models.current.peek()?.choice.value ?? null, looking.view.peek()),
    dismiss: () => void (dismissed.value = true),
  };
};
