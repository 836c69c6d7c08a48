import { describe, expect, test, vi } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { NO_CONFIG_FILE } from "../../../worker/checkpoint/config/declared-model.ts";
import type { DeclaredEncoder } from "../../../worker/checkpoint/config/declared-encoder.ts";
import type { ArrivingModel } from "../../../worker/checkpoint/open-model.ts";
import type { VisionApi, VisionEvents } from "../../../worker/contract/api.ts";
import type { FolderSource } from "../../../worker/contract/model-folder.ts";
import type { Progress } from "../../../worker/contract/progress.ts";
import { Preload } from "../../../worker/runtime/preload.ts";
import { serveVision } from "../../../worker/runtime/serve-vision.ts";
import { goldenFile } from "../../setup/golden.ts";
import { withResolvers } from "../../setup/with-resolvers.ts";
import { memoryStore } from "../checkpoint/sources/memory-store.ts";
import { holdAfter, inTurn, plantServer, serve, status, type Handler } from "../checkpoint/sources/planted-server.ts";

const bytesOf = async (file: string) => (await goldenFile(`vit-hf/${file}`))!;
const config = serve(await bytesOf("config.json"));
const weights = await bytesOf("model.safetensors");
const first: FolderSource = { kind: "text", text: "first" };

/** A worker whose backend starts when the test lets it, and a server with models in `models/first/` and `…/second/`. */
async function setUp(handler: Handler = serve(weights), broken = false) {
  const server = await plantServer();
  for (const name of ["first", "second"]) server.on(`/models/${name}/config.json`, config);
  server.on("/models/first/model.safetensors", handler);
  server.on("/models/second/model.safetensors", serve(weights));
  const gate = withResolvers();
  const drivers = nodeBackends.map((driver) => ({
    ...driver,
    start: async (onLost: (reason: string) => void) => {
      await gate.promise;
      if (broken) throw new Error("It is broken.");
      return driver.start(onLost);
    },
  }));
  const store = memoryStore();
  const api = serveVision({ drivers, decode: () => Promise.reject(new Error("no pictures here")), store });
  const told: Progress[] = [];
  const events: VisionEvents = {
    progress: (_, progress) => void told.push(progress),
    word: () => undefined,
    picture: () => Promise.reject(new Error("no pictures here")),
    lost: () => undefined,
  };
  const start = (preload?: FolderSource): ReturnType<VisionApi["start"]> =>
    api.start({ backend: "wasm", precision: "float32", models: `${server.url}models/`, preload }, events);
  const asked = (path: string) => server.seen.filter((request) => request.path === path).length;
  return { api, start, gate, told, store, asked };
}

const WEIGHTS = "/models/first/model.safetensors";

test("its files are fetched while the backend starts, once, and loading tells how far they are", async () => {
  const came = withResolvers();
  const handler: Handler = (...call) => {
    serve(weights)(...call);
    came.resolve();
  };
  const { api, start, gate, told, asked } = await setUp(handler);
  const starting = start(first);
  await came.promise; // the backend has not started
  gate.resolve();
  await starting;
  expect(told).toEqual([]);
  expect(await api.load(1, 7, first)).toMatchObject({ id: 7, name: "first", labels: expect.any(Array) });
  expect(asked(WEIGHTS)).toBe(1);
  expect(told[0]).toMatchObject({ stage: "download" });
  expect(told.at(-1)).toMatchObject({ stage: "prepare" });
  expect(await api.load(2, 8, first)).toMatchObject({ id: 8 }); // a second time it is fetched, or kept, as ever
});

const TOLD = { onDeclared: NO_CONFIG_FILE as DeclaredEncoder, onArriving: {} as ArrivingModel };

describe.each(["onDeclared", "onArriving"] as const)("what %s tells", (event) => {
  test.each(["before", "after"])("%s it is taken is told to the load, once", async (when) => {
    let tell: ((told: never) => void) | undefined;
    const preload = new Preload((options) => {
      tell = options[event];
      return Promise.resolve("files");
    });
    const told = TOLD[event] as never;
    const listener = vi.fn();
    if (when === "before") tell!(told);
    const files = preload.take({ [event]: listener });
    if (when === "after") tell!(told);
    expect(listener.mock.calls).toEqual([[told]]);
    expect(await files).toBe("files");
  });
});

test("another model takes its place, and its download ends", async () => {
  const { handler, closed } = holdAfter(1000, weights);
  const { api, start, gate, asked } = await setUp(handler);
  gate.resolve();
  await start(first);
  await vi.waitFor(() => expect(asked(WEIGHTS)).toBe(1));
  expect(await api.load(1, 1, { kind: "text", text: "second" })).toMatchObject({ name: "second" });
  await closed;
});

test("a load that is cancelled ends its download", async () => {
  const { handler, closed } = holdAfter(1000, weights);
  const { api, start, gate, asked } = await setUp(handler);
  gate.resolve();
  await start(first);
  const load = expect(api.load(1, 1, first)).rejects.toMatchObject({ name: "AbortError" });
  await vi.waitFor(() => expect(asked(WEIGHTS)).toBe(1));
  api.cancel(1);
  await load;
  await closed;
});

test("a backend that does not start ends its download", async () => {
  const { handler, closed } = holdAfter(1000, weights);
  const { start, gate, asked } = await setUp(handler, true);
  const starting = expect(start(first)).rejects.toMatchObject({ code: "backend-unavailable" });
  await vi.waitFor(() => expect(asked(WEIGHTS)).toBe(1));
  gate.resolve();
  await starting;
  await closed;
});

test("what failed before anybody asked is fetched anew", async () => {
  const { api, start, gate, asked } = await setUp(inTurn(status(404), serve(weights)));
  const starting = start(first);
  await vi.waitFor(() => expect(asked("/models/first/pytorch_model.bin.index.json")).toBe(1)); // the last place to look
  await new Promise((resolve) => setTimeout(resolve, 50));
  gate.resolve();
  await starting;
  expect(await api.load(1, 1, first)).toMatchObject({ name: "first" });
});

test("what is refused is told to the load by its code, and not kept", async () => {
  const { api, start, gate, store } = await setUp(serve(weights.subarray(0, 9000)));
  gate.resolve();
  await start(first);
  await expect(api.load(1, 1, first)).rejects.toMatchObject({ code: "safetensors-truncated" });
  expect(store.files.size).toBe(0);
  await expect(api.load(2, 1, first)).rejects.toMatchObject({ code: "safetensors-truncated" });
});
