import { signal, type ReadonlySignal } from "@preact/signals";
import type { EmbeddedModel } from "../../../index.ts";
import { embeddedChoice, HUB_PRESETS, type ModelChoice } from "./model-choices.ts";

/** The entries of the model picker: what comes with the page, some of the hub, and what a visitor typed or dropped. */
export type OfferedModels = {
  readonly included: ReadonlySignal<readonly ModelChoice[]>;
  readonly hub: readonly ModelChoice[];
  readonly own: ReadonlySignal<readonly ModelChoice[]>;
  readonly include: (embedded: readonly EmbeddedModel[]) => void;
  /** A visitor's own, unless it is offered anyway. Files of the same name may have changed on disk: the newest counts. */
  readonly keep: (choice: ModelChoice) => void;
  /** `own`, with a choice that may yet come to be kept. */
  readonly ownWith: (coming: ModelChoice | undefined) => readonly ModelChoice[];
  readonly all: () => readonly ModelChoice[];
};

export const createOfferedModels = (): OfferedModels => {
  const included = signal<readonly ModelChoice[]>([]);
  const own = signal<readonly ModelChoice[]>([]);
  const isOfferedAnyway = ({ value }: ModelChoice): boolean =>
    [...included.value, ...HUB_PRESETS].some((choice) => choice.value === value);
  return {
    included,
    hub: HUB_PRESETS,
    own,
    include(embedded) {
      included.value = embedded.map(embeddedChoice);
    },
    keep(choice) {
      if (!isOfferedAnyway(choice)) own.value = [...own.peek().filter(({ value }) => value !== choice.value), choice];
    },
    ownWith(coming) {
      const listed = !coming || isOfferedAnyway(coming) || own.value.some(({ value }) => value === coming.value);
      return listed ? own.value : [...own.value, coming];
    },
    all: () => [...included.peek(), ...HUB_PRESETS, ...own.peek()],
  };
};
