import type { ModelId, ModelInfo } from "../../worker/contract/api.ts";
import { newestAble } from "../../worker/contract/choose-model.ts";
import type { ModelSource } from "../../worker/contract/model-folder.ts";
import type { Connection } from "./connection.ts";

/** Which models a page has loaded, and which worker has them, or is being given them. */
export class ModelPlaces {
  readonly #loaded = new Map<ModelId, { readonly info: ModelInfo; readonly source: ModelSource }>();
  readonly #placed = new WeakMap<Connection, Map<ModelId, Promise<unknown>>>();

  /** A worker has loaded it. */
  add(info: ModelInfo, source: ModelSource, connection: Connection): void {
    this.#loaded.set(info.id, { info, source });
    this.#placedOn(connection).set(info.id, Promise.resolve());
  }

  remove(id: ModelId): void {
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
    const placing = connection.call((api, job) => api.load(job, id, loaded.source));
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
