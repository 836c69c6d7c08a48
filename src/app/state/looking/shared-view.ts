import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { linkedName } from "../models/model-choices.ts";
import type { LoadedModel } from "../models/model-loader.ts";
import type { Models } from "../models/models.ts";
import type { Looking } from "./looking.ts";
import { readLink, writeLink } from "./view-link.ts";

/** The view as a link carries it, and what became of one that was followed. */
export type SharedView = {
  readonly notice: ReadonlySignal<string>; // what of a link could not be restored
  /** Restores what an address carries behind `#`; gives the models it names. */
  readonly follow: (hash: string) => readonly string[];
  readonly write: () => string;
  readonly dismiss: () => void;
};

export const createSharedView = (looking: Looking, models: Models): SharedView => {
  const refused = signal<readonly string[]>([]);
  const wanted = signal<readonly string[]>([]);
  const dismissed = signal(false);

  const missing = computed(() => {
    const offered = [...models.included.value, ...models.hub, ...models.own.value].map(({ value }) => value);
    return models.current.value === null ? [] : wanted.value.filter((value) => !offered.includes(value));
  });

  return {
    notice: computed(() => {
      const lost = [...refused.value, ...looking.misfit.value];
      if (dismissed.value || (lost.length === 0 && missing.value.length === 0)) return "";
      const others = missing.value.join(" and ");
      const model = others ? `It was made with another model, ${others}. ` : "";
      const settings = lost.length > 0 ? `Left as usual: ${lost.join(", ")}.` : "";
      return `This link could not be followed whole. ${model}${settings}`.trim();
    }),
    follow(hash) {
      const linked = readLink(hash);
      if (!linked) return [];
      refused.value = linked.refused;
      wanted.value = [linked.model, linked.captioner].filter((value) => value !== null);
      dismissed.value = false;
      looking.restore(linked.view, linked.model !== null && linked.model !== models.current.peek()?.choice.value);
      return wanted.value;
    },
    write() {
      const named = (loaded: LoadedModel | null): string | null => loaded && linkedName(loaded.choice);
      const inUse = { model: named(models.current.peek()), captioner: named(models.captioner.peek()) };
      const view = looking.view.peek();
      const isTaught = models.current.peek()?.choice.taughtTo !== undefined;
      return writeLink(inUse, isTaught ? { ...view, target: null } : view); // no class of the model that is linked
    },
    dismiss: () => void (dismissed.value = true),
  };
};
