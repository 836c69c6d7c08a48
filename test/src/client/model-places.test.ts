import { expect, test, vi } from "vitest";
import type { Connection } from "../../../src/client/connection.ts";
import { ModelPlaces } from "../../../src/client/model-places.ts";
import type { ModelInfo } from "../../../worker/contract/api.ts";
import { withResolvers } from "../../setup/with-resolvers.ts";

const SOURCE = { kind: "embedded", name: "small" } as never;

/** A worker that ends a load when it is told to, whether or not it was cancelled, as one may that is nearly there. */
function workerThatLoads() {
  const loads: { readonly id: number; readonly end: () => void }[] = [];
  const unload = vi.fn(() => Promise.resolve());
  const api = {
    load: (_job: number, id: number) => {
      const loading = withResolvers<ModelInfo>();
      loads.push({ id, end: () => loading.resolve({ id } as ModelInfo) });
      return loading.promise;
    },
    unload,
  };
  const call: Connection["call"] = (send, { signal } = {}) =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new DOMException("Cancelled.", "AbortError")));
      send(api as never, 1).then(resolve, reject);
    });
  return { connection: { call } as Connection, loads, unload };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a load that was cancelled and ends all the same leaves nothing in the worker", async () => {
  const { connection, loads, unload } = workerThatLoads();
  const stop = new AbortController();
  const places = new ModelPlaces();
  const loading = places.load(connection, 3, SOURCE, { signal: stop.signal });
  stop.abort();
  await expect(loading).rejects.toMatchObject({ name: "AbortError" });
  expect(unload).not.toHaveBeenCalled(); // it would find nothing yet
  loads[0]!.end();
  await turn();
  expect(unload).toHaveBeenCalledExactlyOnceWith(3);
  expect(() => places.newest()).toThrow();
});

test("a load that ended before it was cancelled stays", async () => {
  const { connection, loads, unload } = workerThatLoads();
  const stop = new AbortController();
  const places = new ModelPlaces();
  const loading = places.load(connection, 3, SOURCE, { signal: stop.signal });
  loads[0]!.end();
  await loading;
  stop.abort();
  await turn();
  expect(unload).not.toHaveBeenCalled();
  expect(places.newest()).toBe(3);
});

test("a model that is removed while another worker is given it does not stay there", async () => {
  const [first, second] = [workerThatLoads(), workerThatLoads()];
  const places = new ModelPlaces();
  const loading = places.load(first.connection, 3, SOURCE);
  first.loads[0]!.end();
  await loading;
  places.placeAll(second.connection);
  places.remove(3);
  second.loads[0]!.end();
  await turn();
  expect(second.unload).toHaveBeenCalledExactlyOnceWith(3);
  expect(first.unload).not.toHaveBeenCalled();
});
