import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import type { Heat } from "../../../index.ts";
import type { Photo } from "../photo.ts";
import { fitView, misfits, type FittedChoice } from "./fit-view.ts";
import { createInquiry, type Inquiry } from "./inquiry.ts";
import { USUAL_VIEW, type LookView } from "./look-view.ts";
import { askMap, heatOf, type GetVision, type MapAnswer } from "./map-question.ts";
import { classMethod, hasMatrix, isClassSpecific } from "./methods.ts";
import { createPhotoChoice, type PhotoChoice } from "./photo-choice.ts";
import { subjectOf, type Subject } from "./subject.ts";

export type LookingTools = {
  readonly photos: ReadonlySignal<readonly Photo[]>;
  readonly model: ReadonlySignal<Subject["model"] | null>; // in use
  readonly vision: GetVision;
};

/** Where a model looked in the photo that is chosen. */
export type Looking = PhotoChoice & {
  readonly subject: ReadonlySignal<Subject | null>;
  readonly view: ReadonlySignal<LookView>; // as it was set
  readonly choice: ReadonlySignal<FittedChoice | null>; // what of it the model has
  readonly heat: ReadonlySignal<Heat | null>;
  readonly map: Pick<Inquiry<MapAnswer>, "busy" | "failure" | "cancelled" | "cancel" | "retry">;
  readonly misfit: ReadonlySignal<readonly string[]>; // what a restored view asks that this model has not
  readonly change: (changes: Partial<LookView>) => void;
  /** A whole view, as a link gives it; `withModel`: the model it was made with is still to come. */
  readonly restore: (view: LookView, withModel: boolean) => void;
  /** Explains a class of a photo; a second time, again the one that the model answers. */
  readonly askClass: (photo: Photo, index: number) => void;
  /** Whose map is shown: a patch's, or with null again the model's own. */
  readonly askFrom: (cell: number | null) => void;
  readonly pointed: ReadonlySignal<number | null>;
  /** Shows the map of a patch for as long as it is pointed at, where that needs no other run. */
  readonly pointAt: (cell: number | null) => void;
  /** The photo alone, then the map as strong as it was. */
  readonly toggleMap: () => void;
  readonly dispose: () => void;
};

export const createLooking = ({ photos, model, vision }: LookingTools): Looking => {
  const { chosen, choose } = createPhotoChoice(photos);
  const view = signal<LookView>(USUAL_VIEW);
  const restored = signal(false);
  let strength = USUAL_VIEW.opacity; // before it was hidden
  const pointed = signal<number | null>(null);
  const subject = computed(() => subjectOf(chosen.value, model.value));
  const choice = computed(() => subject.value && fitView(view.value, subject.value.model));
  const inquiry = createInquiry(
    computed(() => subject.value && choice.value && askMap(subject.value, choice.value, vision)),
  );

  const heat = computed(() => {
    const answer = inquiry.answer.value;
    const shown = choice.value;
    if (!answer || !shown) return null;
    return heatOf(answer, hasMatrix(shown.method) ? (pointed.value ?? shown.query) : shown.query);
  });

  const change = (changes: Partial<LookView>): void => {
    restored.value = false;
    view.value = { ...view.peek(), ...changes };
  };

  const toggleMap = (): void => {
    const { opacity } = view.peek();
    if (opacity > 0) strength = opacity;
    change({ opacity: opacity > 0 ? 0 : strength });
  };

  let known: readonly string[] | null = null; // of the model before
  let modelComes = false; // that of a restored view
  const leaveClasses = effect(() => {
    const labels = model.value?.labels;
    if (!labels) return;
    const other = known !== null && known.join("\n") !== labels.join("\n");
    if (other && !modelComes) untracked(() => change({ target: null }));
    known = labels;
    modelComes = false;
  });

  const leavePhoto = effect(() => {
    void chosen.value;
    pointed.value = null;
  });

  return {
    chosen,
    choose,
    subject,
    view,
    choice,
    heat,
    map: inquiry,
    misfit: computed(() => (restored.value && subject.value ? misfits(view.value, subject.value.model) : [])),
    change,
    restore(whole, withModel) {
      modelComes = withModel;
      batch(() => {
        view.value = whole;
        restored.value = true;
      });
    },
    askClass(photo, index) {
      batch(() => {
        const again = photo === chosen.peek() && choice.peek()?.target === index;
        choose(photo);
        const shown = choice.peek();
        const now = subject.peek();
        if (!shown || !now) return;
        const method = isClassSpecific(shown.method) ? shown.method : (classMethod(now.model) ?? shown.method);
        change({ method, target: again ? null : index });
      });
    },
    askFrom(cell) {
      batch(() => {
        pointed.value = null;
        change({ query: cell });
      });
    },
    pointed,
    pointAt: (cell) => void (pointed.value = cell),
    toggleMap,
    dispose() {
      leaveClasses();
      leavePhoto();
      inquiry.dispose();
    },
  };
};
