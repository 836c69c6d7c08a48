import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Vision } from "../../../index.ts";
import { describeFailure, isCancelled, type Failure } from "../failure.ts";
import { describeLoadFailure, isPassing } from "./load-failure.ts";
import type { ModelChoice } from "./model-choices.ts";
import { createModelLoader, ignoreLostWorker, type LoadedModel, type ModelLoad } from "./model-loader.ts";
import { createModelsInUse, type ModelsInUse } from "./models-in-use.ts";
import { createOfferedModels, type OfferedModels } from "./offered-models.ts";
import { createStoredModels, type StoredModels } from "./stored-models.ts";

export type ModelTools = {
  readonly vision: ReadonlySignal<Vision | null>;
  readonly announce: (text: string) => void;
  readonly onChange: () => void; // another model is in use for classes
};

/** What became of the wish to have photos described. */
export type DescriberState =
  { readonly kind: "none" | "loading" | "ready" } | { readonly kind: "failed"; readonly failure: Failure };

/** Which models are in use, one for classes and one for sentences, which is being loaded, and which can be had. */
export type Models = Pick<OfferedModels, "included" | "hub" | "own"> &
  Pick<ModelsInUse, "current" | "captioner"> &
  StoredModels & {
    readonly describer: ReadonlySignal<ModelChoice | null>; // the captioner that comes with the page
    readonly shown: ReadonlySignal<ModelChoice | null>; // by the model picker: what is being loaded, or came into use last
    readonly loading: ReadonlySignal<ModelLoad | null>;
    readonly failure: ReadonlySignal<Failure | null>;
    readonly describerState: ReadonlySignal<DescriberState>;
    readonly coming: ReadonlySignal<boolean>; // one for classes is being loaded, or will be without anybody's doing
    readonly canRetry: ReadonlySignal<boolean>; // what failed may work the next time, or there is no model at all
    /**
     * Lists the embedded models and loads the wanted ones of those the page offers; for classes, else the first. Without
     * names it starts again, with what was wanted before.
     */
    readonly start: (wanted?: readonly string[]) => Promise<void>;
    /** One that the page offers, by its entry in the picker. */
    readonly find: (value: string) => ModelChoice | null;
    /**
     * Takes the place of a load of the same kind. Failing leaves the models in use as they are, and is told to `onFailure`,
     * or else here.
     */
    readonly load: (choice: ModelChoice, onFailure?: (failure: Failure) => void) => Promise<void>;
    readonly select: (value: string) => Promise<void>;
    readonly dropCaptioner: () => void;
    /** What failed, once more: the list of embedded models, the model itself. */
    readonly retry: () => Promise<void>;
    readonly dismissFailure: () => void;
    readonly cancel: () => void;
    readonly forget: (origin: string) => Promise<void>;
  };

export const createModels = ({ vision, announce, onChange }: ModelTools): Models => {
  const offered = createOfferedModels();
  const { stored, refreshStored } = createStoredModels(vision);
  const inUse = createModelsInUse();
  const { current, captioner } = inUse;
  const failure = signal<Failure | null>(null);
  const failed = signal<ModelChoice | null>(null);
  const starting = signal(true);

  const fail = (error: unknown, choice: ModelChoice | null): void => {
    if (isCancelled(error)) return;
    failed.value = choice;
    const told = choice ? describeLoadFailure(error, choice.source) : describeFailure(error);
    failure.value = told;
    announce(`The model could not be loaded. ${told.title} ${told.advice}`);
  };

  const use = (loaded: LoadedModel): void => {
    const previous = batch(() => {
      offered.keep(loaded.choice);
      return inUse.use(loaded);
    });
    announce(`${loaded.choice.title} is ready.`);
    if (current.peek() === loaded) onChange();
    unload(previous);
  };

  const unload = (model: LoadedModel | null): void =>
    void (model && vision.peek()?.unload(model.info).catch(ignoreLostWorker));

  const dismissFailure = (): void => {
    batch(() => {
      failed.value = null;
      failure.value = null;
    });
  };

  const loaderTools = { vision, onStart: dismissFailure, onLoaded: use, onFailure: fail };
  const loaders = { classes: createModelLoader(loaderTools), sentences: createModelLoader(loaderTools) };
  const loading = computed<ModelLoad | null>(() => loaders.classes.loading.value ?? loaders.sentences.loading.value);

  let wanted: readonly string[] = []; // entries of the picker, the most wanted first
  /** Asked for before there was a worker to load it; the newest of each kind. */
  let early: { readonly classes?: ModelChoice; readonly sentences?: ModelChoice } = {};

  const load: Models["load"] = async (choice, onFailure) => {
    const kind = choice.describes ? "sentences" : "classes";
    if (!vision.peek()) early = { ...early, [kind]: choice };
    await loaders[kind].load(choice, onFailure && ((error) => tellFailure(error, choice, onFailure)));
    await refreshStored();
  };

  const cancel = (): void => (loaders.classes.loading.peek() ? loaders.classes : loaders.sentences).cancel();

  const find = (value: string): ModelChoice | null =>
    offered.all().find((candidate) => candidate.value === value) ?? null;

  const list = async (): Promise<void> => {
    try {
      offered.include((await vision.peek()?.embeddedModels()) ?? []);
    } catch (error) {
      fail(error, null);
    }
  };

  const start: Models["start"] = async (values) => {
    if (values) wanted = values;
    starting.value = true;
    await list();
    const asked = wanted.map(find).filter((choice) => choice !== null);
    const first = early.classes ?? [...asked, ...offered.included.peek()].find(({ describes }) => !describes);
    const second = early.sentences ?? asked.find(({ describes }) => describes);
    early = {};
    const toLoad = [
      current.peek() || loaders.classes.loading.peek() ? undefined : first,
      captioner.peek() ? undefined : second,
    ];
    const loaded = toLoad.map(async (choice) => choice && load(choice));
    starting.value = false;
    await Promise.all(loaded);
  };

  const describerState = computed<DescriberState>(() => {
    if (captioner.value) return { kind: "ready" };
    if (loaders.sentences.loading.value) return { kind: "loading" };
    return failed.value?.describes && failure.value ? { kind: "failed", failure: failure.value } : { kind: "none" };
  });

  return {
    included: offered.included,
    hub: offered.hub,
    own: computed(() => offered.ownWith(loading.value?.choice)),
    stored,
    current,
    captioner,
    describer: computed(() => offered.included.value.find(({ describes }) => describes) ?? null),
    shown: computed(() => loading.value?.choice ?? inUse.picked.value),
    loading,
    failure,
    describerState,
    coming: computed(() => starting.value || loaders.classes.loading.value !== null),
    canRetry: computed(() => failure.value !== null && (current.value === null || isPassing(failure.value))),
    start,
    find,
    load,
    cancel,
    dismissFailure,
    async retry() {
      const choice = failed.peek();
      dismissFailure();
      if (!choice) return start();
      if (offered.included.peek().length === 0) await list();
      await load(choice);
    },
    async select(value) {
      const choice = find(value);
      if (!choice) return void (wanted = [value, ...wanted]); // the list may not have come yet
      if (inUse.pick(choice)) cancel();
      else await load(choice);
    },
    refreshStored,
    dropCaptioner: () =>
      unload(
        batch(() => {
          loaders.sentences.cancel();
          return inUse.dropCaptioner();
        }),
      ),
    async forget(origin) {
      try {
        await vision.peek()?.forgetModel(origin);
      } catch (error) {
        failed.value = null;
        failure.value = describeFailure(error);
      }
      await refreshStored();
    },
  };
};

const tellFailure = (error: unknown, { source }: ModelChoice, tell: (failure: Failure) => void): void => {
  if (!isCancelled(error)) tell(describeLoadFailure(error, source));
};
