import type { ModelId, ModelInfo } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";
import type { LoadedModel } from "./loaded-model.ts";

type Place = { readonly model: LoadedModel; users: number; onUnused: (() => void) | null };

/** The loaded models by id. A model taken off the shelf is freed when the last call that uses it has ended. */
export class ModelShelf {
  readonly #places = new Map<ModelId, Place>();

  /** `free` is given a model that nobody uses any more. */
  constructor(readonly free: (model: LoadedModel) => Promise<void>) {}

  get infos(): ModelInfo[] {
    return [...this.#places.values()].map(({ model }) => model.info);
  }

  /** Puts a model on the shelf; resolves once a model that had its id has been freed. */
  async put(model: LoadedModel): Promise<void> {
    const freed = this.remove(model.info.id);
    this.#places.set(model.info.id, { model, users: 0, onUnused: null });
    await freed;
  }

  /** Calls `work` with a model that stays loaded until it ends. Throws `model-not-loaded`. */
  async use<T>(id: ModelId, work: (model: LoadedModel) => Promise<T>): Promise<T> {
    const place = this.#places.get(id);
    if (!place) {
      throw new VisionError("model-not-loaded", `Model ${id} is not loaded, or has been unloaded; load it first.`);
    }
    place.users += 1;
    try {
      return await work(place.model);
    } finally {
      place.users -= 1;
      if (place.users === 0) place.onUnused?.();
    }
  }

  /** Takes every model off at once, whoever uses it; the caller frees them. */
  clear(): LoadedModel[] {
    const models = [...this.#places.values()].map(({ model }) => model);
    this.#places.clear();
    return models;
  }

  /** Takes a model off the shelf, so that new calls do not find it; resolves once it has been freed. */
  async remove(id: ModelId): Promise<void> {
    const place = this.#places.get(id);
    if (!place) return;
    this.#places.delete(id);
    if (place.users > 0) await new Promise<void>((resolve) => (place.onUnused = resolve));
    await this.free(place.model);
  }
}
