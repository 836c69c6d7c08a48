import type { ModelId } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import type { ModelSource } from "../../worker/contract/model-folder.ts";
import type { Connection } from "./connection.ts";

/** Which models a page has loaded, and which worker has them, or is being given them. */
export class ModelPlaces {
  readonly #sources = new Map<ModelId, ModelSource>();
  readonly #placed = new WeakMap<Connection, Map<ModelId, Promise<unknown>>>();

  /** A worker has loaded it. */
  add(id: ModelId, source: ModelSource, connection: Connection): void {
    this.#sources.set(id, source);
    this.#placedOn(connection).set(id, Promise.resolve());
  }

  remove(id: ModelId): void {
    this.#sources.delete(id);
  }

  clear(): void {
    this.#sources.clear();
  }

  /** Throws `model-not-loaded`. */
  newest(): ModelId {
    const newest = [...this.#sources.keys()].at(-1);
    if (newest !== undefined) return newest;
    throw new VisionError("model-not-loaded", 'No model is loaded; call load("everyday-vit") first.');
  }

  /** Gives a worker a model that another had; a failure is the call's that needs it, and the next call tries again. */
  place(connection: Connection, id: ModelId): Promise<unknown> {
    const placed = this.#placedOn(connection);
    const source = this.#sources.get(id);
    if (!source) return Promise.resolve(); // the worker will say that it is not loaded
    const known = placed.get(id);
    if (known) return known;
    const placing = connection.call((api, job) => api.load(job, id, source));
    placed.set(id, placing);
    placing.catch(() => placed.delete(id));
    return placing;
  }

  /** Ahead of the calls that need them. */
  placeAll(connection: Connection): void {
    for (const id of this.#sources.keys()) this.place(connection, id).catch(() => undefined);
  }

  #placedOn(connection: Connection): Map<ModelId, Promise<unknown>> {
    const placed = this.#placed.get(connection) ?? new Map<ModelId, Promise<unknown>>();
    this.#placed.set(connection, placed);
    return placed;
  }
}
