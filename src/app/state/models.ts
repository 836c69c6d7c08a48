import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { ModelInfo, Progress, StoredModel, Vision } from "../../index.ts";
import { describeFailure, isCancelled, type Failure } from "./failure.ts";
import { describeLoadFailure, isPassing } from "./load-failure.ts";
import { embeddedChoice, HUB_PRESETS, type ModelChoice } from "./model-choices.ts";

export type LoadedModel = { readonly choice: ModelChoice; readonly info: ModelInfo };
export type ModelLoad = { readonly choice: ModelChoice; readonly progress: Progress | null };

export type ModelTools = {
  readonly vision: ReadonlySignal<Vision | null>;
  readonly announce: (text: string) => void;
  readonly onChange: () => void; // another model is in use
};

/** Which model is in use, which is being loaded, and which can be had. */
export type Models = {
  readonly included: ReadonlySignal<readonly ModelChoice[]>;
  readonly hub: readonly ModelChoice[];
  readonly own: ReadonlySignal<readonly ModelChoice[]>; // typed or dropped
  readonly stored: ReadonlySignal<readonly StoredModel[]>;
  readonly current: ReadonlySignal<LoadedModel | null>;
  readonly loading: ReadonlySignal<ModelLoad | null>;
  readonly failure: ReadonlySignal<Failure | null>;
  readonly coming: ReadonlySignal<boolean>; // one is being loaded, or will be without anybody's doing
  readonly canRetry: ReadonlySignal<boolean>; // what failed may work the next time, or there is no model at all
  /** Lists the embedded models and loads the wanted one of those the page offers, or the first. */
  readonly start: (wanted?: string | null) => Promise<void>;
  /** Ends any load under way. Failing leaves the model in use as it is. */
  readonly load: (choice: ModelChoice) => Promise<void>;
  readonly select: (value: string) => Promise<void>;
  /** What failed, once more: the list of embedded models, the model itself. */
  readonly retry: () => Promise<void>;
  readonly dismissFailure: () => void;
  readonly cancel: () => void;
  readonly forget: (origin: string) => Promise<void>;
};

export const createModels = ({ vision, announce, onChange }: ModelTools): Models => {
  const included = signal<readonly ModelChoice[]>([]);
  const own = signal<readonly ModelChoice[]>([]);
  const stored = signal<readonly StoredModel[]>([]);
  const current = signal<LoadedModel | null>(null);
  const loading = signal<ModelLoad | null>(null);
  const failure = signal<Failure | null>(null);
  const starting = signal(true);
  let failed: ModelChoice | null = null;
  const known = computed(() => [...included.value, ...HUB_PRESETS, ...own.value]);
  const ownShown = computed(() => {
    const pending = loading.value?.choice;
    return !pending || isAmong(known.value, pending) ? own.value : [...own.value, pending];
  });
  let underWay: AbortController | null = null;

  const fail = (error: unknown, choice: ModelChoice | null): void => {
    if (isCancelled(error)) return;
    failed = choice;
    const told = choice ? describeLoadFailure(error, choice.source) : describeFailure(error);
    failure.value = told;
    announce(`The model could not be loaded. ${told.title} ${told.advice}`);
  };

  const use = (choice: ModelChoice, info: ModelInfo): void => {
    const previous = current.peek();
    batch(() => {
      current.value = { choice, info };
      own.value = withOwn(choice);
    });
    announce(`${choice.title} is ready.`);
    onChange();
    if (previous) void vision.peek()?.unload(previous.info).catch(ignoreLostWorker);
  };

  /** Files of the same name may have changed on disk: the newest choice counts. */
  const withOwn = (choice: ModelChoice): readonly ModelChoice[] => {
    if (isAmong([...included.peek(), ...HUB_PRESETS], choice)) return own.peek();
    return [...own.peek().filter(({ value }) => value !== choice.value), choice];
  };

  const load = async (choice: ModelChoice): Promise<void> => {
    const running = vision.peek();
    if (!running) return;
    underWay?.abort();
    const abort = new AbortController();
    underWay = abort;
    const tell = (progress: Progress | null): void => {
      if (underWay === abort) loading.value = { choice, progress };
    };
    dismissFailure();
    tell(null);
    try {
      const info = await running.load(choice.source, { signal: abort.signal, onProgress: tell });
      if (underWay === abort) use(choice, info);
      else void running.unload(info).catch(ignoreLostWorker); // finished in spite of being cancelled
    } catch (error) {
      if (underWay === abort) fail(error, choice);
    }
    if (underWay === abort) {
      underWay = null;
      loading.value = null;
    }
    await refreshStored();
  };

  const cancel = (): void => {
    const ending = underWay;
    underWay = null;
    loading.value = null;
    ending?.abort();
  };

  const dismissFailure = (): void => {
    failed = null;
    failure.value = null;
  };

  const list = async (): Promise<void> => {
    try {
      included.value = ((await vision.peek()?.embeddedModels()) ?? []).map(embeddedChoice);
    } catch (error) {
      fail(error, null);
    }
  };

  const start = async (wanted: string | null = null): Promise<void> => {
    starting.value = true;
    await list();
    const first = known.peek().find(({ value }) => value === wanted) ?? included.peek()[0];
    const loaded = first && !current.peek() && !underWay ? load(first) : null;
    starting.value = false;
    await loaded;
  };

  const refreshStored = async (): Promise<void> => {
    stored.value =
      (await vision
        .peek()
        ?.storedModels()
        .catch(() => [])) ?? [];
  };

  return {
    included,
    hub: HUB_PRESETS,
    own: ownShown,
    stored,
    current,
    loading,
    failure,
    coming: computed(() => starting.value || loading.value !== null),
    canRetry: computed(() => failure.value !== null && (current.value === null || isPassing(failure.value))),
    start,
    load,
    cancel,
    dismissFailure,
    async retry() {
      const choice = failed;
      dismissFailure();
      if (!choice) return start();
      if (included.peek().length === 0) await list();
      await load(choice);
    },
    async select(value) {
      const choice = known.peek().find((candidate) => candidate.value === value);
      if (choice) await load(choice);
    },
    async forget(origin) {
      try {
        await vision.peek()?.forgetModel(origin);
      } catch (error) {
        failed = null;
        failure.value = describeFailure(error);
      }
      await refreshStored();
    },
  };
};

const isAmong = (choices: readonly ModelChoice[], choice: ModelChoice): boolean =>
  choices.some(({ value }) => value === choice.value);

/** A model that went away with its worker needs no unloading. */
const ignoreLostWorker = (): void => undefined;
