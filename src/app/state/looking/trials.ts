import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import type { ExplainMethod, Faithfulness } from "../../../index.ts";
import { describeFailure, isCancelled, type Failure } from "../failure.ts";
import { fitView, type FittedChoice } from "./fit-view.ts";
import type { Looking, LookingTools } from "./looking.ts";
import { heatOf, questionOf } from "./map-question.ts";
import { hasMatrix, METHOD_WORDS, methodsOf } from "./methods.ts";
import type { Subject } from "./subject.ts";

/** What a map's test gave. */
export type Trial = {
  readonly choice: FittedChoice;
  readonly key: string; // of the map
  readonly faithfulness: Faithfulness;
  readonly score: number; // area of insertion less that of deletion, -1…1
};

export type Trying = { readonly method: ExplainMethod; readonly done: number; readonly total: number };

/** Whether the class depends on what a map shows, measured for one map or for one of each method. */
export type Trials = {
  readonly results: ReadonlySignal<readonly Trial[]>; // of the photo, model and class in view, best first
  readonly target: ReadonlySignal<number | null>; // the class that is followed
  readonly trying: ReadonlySignal<Trying | null>;
  readonly failure: ReadonlySignal<Failure | null>;
  readonly tryShown: () => Promise<void>;
  readonly tryAll: () => Promise<void>;
  readonly cancel: () => void;
  readonly dispose: () => void;
};

type TrialTools = LookingTools & { readonly announce: (text: string) => void };

export const createTrials = (looking: Looking, { photos, model, vision, announce }: TrialTools): Trials => {
  const kept = signal<readonly (Trial & { readonly of: string })[]>([]);
  const trying = signal<Trying | null>(null);
  const failed = signal<{ readonly of: string; readonly failure: Failure } | null>(null);
  const tested = signal<Subject | null>(null); // now
  let underWay: AbortController | null = null;

  const target = computed(() => {
    const asked = looking.view.value.target;
    const now = looking.subject.value;
    if (now && asked !== null && asked < now.model.labels.length) return asked;
    const state = now?.photo.state.value;
    return state?.kind === "done" ? (state.result.predictions[0]?.index ?? null) : null;
  });
  const matter = computed(() => matterOf(looking.subject.value, target.value));

  /** Best first. */
  const resultsOf = (matter: string): Trial[] =>
    kept.value.filter(({ of }) => of === matter).sort((a, b) => b.score - a.score);

  const tryOne = async ({ photo, model }: Subject, choice: FittedChoice, followed: number, abort: AbortController) => {
    const of = matterOf({ photo, model }, followed);
    const key = JSON.stringify({ ...questionOf(choice), query: choice.query });
    if (kept.peek().some((trial) => trial.of === of && trial.key === key)) return;
    const { signal } = abort;
    const picture = photo.content as Blob; // what has been classified has been fetched
    const tell = (done: number, total: number): void => {
      if (underWay === abort) trying.value = { method: choice.method, done, total };
    };
    tell(0, 1);
    const options = { model, signal, ...questionOf(choice) };
    const answer = await (hasMatrix(choice.method)
      ? vision().explainAll(picture, options)
      : vision().explain(picture, options));
    const onProgress = (now: { loaded: number; total: number | null }): void => tell(now.loaded, now.total ?? 1);
    const faithfulness = await vision().measureFaithfulness(picture, heatOf(answer, choice.query), {
      model,
      signal,
      onProgress,
      target: followed,
    });
    const score = faithfulness.insertion.area - faithfulness.deletion.area;
    if (underWay === abort) kept.value = [...kept.peek(), { of, key, choice, faithfulness, score }].slice(-KEPT);
  };

  const tryMany = async (choose: (subject: Subject) => readonly (FittedChoice | null)[]): Promise<void> => {
    const subject = looking.subject.peek();
    const followed = target.peek();
    if (!subject || followed === null) return;
    const of = matterOf(subject, followed);
    underWay?.abort();
    const own = new AbortController();
    underWay = own;
    tested.value = subject;
    failed.value = null;
    try {
      for (const choice of choose(subject)) if (choice) await tryOne(subject, choice, followed, own);
      if (underWay === own) announce(tellBest(resultsOf(of)));
    } catch (error) {
      if (underWay === own && !isCancelled(error)) failed.value = { of, failure: describeFailure(error) };
    }
    if (underWay === own) stop();
  };

  const stop = (): void => {
    underWay = null;
    trying.value = tested.value = null;
  };

  const cancel = (): void => {
    underWay?.abort();
    stop();
  };

  /** Nobody waits any more for what is found of a photo that was removed, or by a model that is no longer in use. */
  const leave = effect(() => {
    const now = tested.value;
    if (now && (!photos.value.includes(now.photo) || model.value?.id !== now.model.id)) untracked(cancel);
  });

  return {
    results: computed(() => resultsOf(matter.value)),
    target,
    trying,
    failure: computed(() => (failed.value?.of === matter.value ? failed.value.failure : null)),
    tryShown: () => tryMany(() => [looking.choice.peek()]),
    tryAll: () =>
      tryMany(({ model }) =>
        methodsOf(model).map((method) => fitView({ ...looking.view.peek(), method, target: target.peek() }, model)),
      ),
    cancel,
    dispose() {
      leave();
      cancel();
    },
  };
};

const KEPT = 60; // trials, of all photos together

const matterOf = (subject: Subject | null, target: number | null): string =>
  subject ? `${subject.photo.id} ${subject.model.id} ${target}` : "";

const tellBest = ([best]: readonly Trial[]): string =>
  best ? `Test done. Most faithful: ${METHOD_WORDS[best.choice.method].title}.` : "";
