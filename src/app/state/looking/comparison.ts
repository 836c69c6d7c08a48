import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { ExplainMethod, Heat } from "../../../index.ts";
import type { Photo } from "../photo.ts";
import { fitView, type FittedChoice } from "./fit-view.ts";
import { createInquiry, type Inquiry } from "./inquiry.ts";
import type { Looking, LookingTools } from "./looking.ts";
import { askMap, heatOf, type MapAnswer } from "./map-question.ts";
import { subjectOf, type Subject } from "./subject.ts";

/** What the map is compared with: another method on the same photo, or another photo by the same method. */
export type Other =
  { readonly kind: "method"; readonly method: ExplainMethod } | { readonly kind: "photo"; readonly photo: Photo };

/** A second map beside the one that is shown. */
export type Comparison = {
  readonly other: ReadonlySignal<Other | null>;
  readonly subject: ReadonlySignal<Subject | null>;
  readonly choice: ReadonlySignal<FittedChoice | null>;
  readonly heat: ReadonlySignal<Heat | null>;
  readonly map: Pick<Inquiry<MapAnswer>, "busy" | "failure" | "cancelled" | "retry" | "cancel">;
  readonly compareWith: (other: Other | null) => void;
  readonly dispose: () => void;
};

export const createComparison = (looking: Looking, { photos, model, vision }: LookingTools): Comparison => {
  const wanted = signal<Other | null>(null);
  const other = computed(() => {
    const now = wanted.value;
    if (now?.kind === "method") return now.method === looking.choice.value?.method ? null : now;
    return now && photos.value.includes(now.photo) && now.photo !== looking.chosen.value ? now : null;
  });
  const subject = computed(() => {
    const now = other.value;
    if (now?.kind === "photo") return subjectOf(now.photo, model.value);
    return now && looking.subject.value;
  });
  const choice = computed(() => {
    const now = other.value;
    if (!now || !subject.value) return null;
    const view = now.kind === "method" ? { ...looking.view.value, method: now.method } : looking.view.value;
    return fitView(view, subject.value.model);
  });
  const inquiry = createInquiry(
    computed(() => subject.value && choice.value && askMap(subject.value, choice.value, vision)),
  );
  return {
    other,
    subject,
    choice,
    heat: computed(() => inquiry.answer.value && choice.value && heatOf(inquiry.answer.value, choice.value.query)),
    map: inquiry,
    compareWith: (next) => void (wanted.value = next),
    dispose: inquiry.dispose,
  };
};
