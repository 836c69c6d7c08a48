import type { ModelId, ModelInfo } from "../../worker/contract/api.ts";
import { newestAble } from "../../worker/contract/choose-model.ts";
import type { ModelSource } from "../../worker/contract/model-folder.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import type { Connection } from "./connection.ts";

/** One that the worker has loaded before it hears that it need not is unloaded again. */
function loadOn(connection: Connection, id: ModelId, source: ModelSource, options?: CallOptions): Promise<ModelInfo> {
  return connection.call((api, job) => {
    const loading = api.load(job, id, source);
    const unloadIfCancelled = (): unknown => options?.signal?.aborted && api.unload(id);
    loading.then(unloadIfCancelled).catch(() => undefined);
    return loading;
  }, options);
}

type Loaded = { readonly info: ModelInfo; readonly source: ModelSource; readonly unloaded: AbortController };

/** Which models a page has loaded, and which worker has them, or is being given them. */
export class ModelPlaces {
  readonly #loaded = new Map<ModelId, Loaded>();
  readonly #placed = new WeakMap<Connection, Map<ModelId, Promise<unknown>>>();

  async load(connection: Connection, id: ModelId, source: ModelSource, options?: CallOptions): Promise<ModelInfo> {
    const info = await loadOn(connection, id, source, options);
    this.#loaded.set(id, { info, source, unloaded: new AbortController() });
    this.#placedOn(connection).set(id, Promise.resolve());
    return info;
  }

  /** No worker is given it any more, not even one that is just being given it. */
  remove(id: ModelId): void {
    this.#loaded.get(id)?.unloaded.abort();
    this.#loaded.delete(id);
  }

  clear(): void {
    this.#loaded.clear();
  }

  /** `newestAble` of those loaded. Throws `model-not-loaded`. */
  newest(able?: (model: ModelInfo) => boolean): ModelId {
    const infos = [...this.#loaded.values()].map(({ info }) => info);
    return newestAble(infos, able).id;
  }

  /** Gives a worker a model that another had; a failure is the call's that needs it, and the next call tries again. */
  place(connection: Connection, id: ModelId): Promise<unknown> {
    const placed = this.#placedOn(connection);
    const loaded = this.#loaded.get(id);
    if (!loaded) return Promise.resolve(); // the worker will say that it is not loaded
    const known = placed.get(id);
    if (known) return known;
    const placing = loadOn(connection, id, loaded.source, { signal: loaded.unloaded.signal });
    placed.set(id, placing);
    placing.catch(() => placed.delete(id));
    return placing;
  }

  /** Ahead of the calls that need them. */
  placeAll(connection: Connection): void {
    for (const id of this.#loaded.keys()) this.place(connection, id).catch(() => undefined);
  }

  #placedOn(connection: Connection): Map<ModelId, Promise<unknown>> {
    const placed = this.#placed.get(connection) ?? new Map<ModelId, Promise<unknown>>();
    this.#placed.set(connection, placed);
    return placed;
  }
}
