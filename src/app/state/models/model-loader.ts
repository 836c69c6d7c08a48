import { signal, type ReadonlySignal } from "@preact/signals";
import type { ModelInfo, Progress, Vision } from "../../../index.ts";
import type { ModelChoice } from "./model-choices.ts";

export type LoadedModel = { readonly choice: ModelChoice; readonly info: ModelInfo };
export type ModelLoad = { readonly choice: ModelChoice; readonly progress: Progress | null };

export type LoaderTools = {
  readonly vision: ReadonlySignal<Vision | null>;
  readonly onStart: () => void;
  readonly onLoaded: (loaded: LoadedModel) => void;
  readonly onFailure: (error: unknown, choice: ModelChoice) => void;
};

/** Loads one model at a time: a newer load ends the one under way. */
export type ModelLoader = {
  readonly loading: ReadonlySignal<ModelLoad | null>;
  /** `onFailure`: told in place of the loader's own. */
  readonly load: (choice: ModelChoice, onFailure?: LoaderTools["onFailure"]) => Promise<void>;
  readonly cancel: () => void;
};

export const createModelLoader = ({ vision, onStart, onLoaded, ...usual }: LoaderTools): ModelLoader => {
  const loading = signal<ModelLoad | null>(null);
  let underWay: AbortController | null = null;

  return {
    loading,
    async load(choice, onFailure = usual.onFailure) {
      const running = vision.peek();
      if (!running) return;
      underWay?.abort();
      const abort = new AbortController();
      underWay = abort;
      const tell = (progress: Progress | null): void => {
        if (underWay === abort) loading.value = { choice, progress };
      };
      onStart();
      tell(null);
      try {
        const info = await running.load(choice.source, { signal: abort.signal, onProgress: tell });
        if (underWay === abort) onLoaded({ choice, info });
        else void running.unload(info).catch(ignoreLostWorker); // finished in spite of being cancelled
      } catch (error) {
        if (underWay === abort) onFailure(error, choice);
      }
      if (underWay !== abort) return;
      underWay = null;
      loading.value = null;
    },
    cancel() {
      const ending = underWay;
      underWay = null;
      loading.value = null;
      ending?.abort();
    },
  };
};

/** A model that went away with its worker needs no unloading. */
export const ignoreLostWorker = (): void => undefined;
