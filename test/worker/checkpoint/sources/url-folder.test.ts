import { describe, expect, test, vi } from "vitest";
import { readFolderConfig } from "../../../../worker/checkpoint/config/read-folder-config.ts";
import { resolveSource, type ResolveOptions } from "../../../../worker/checkpoint/sources/resolve-source.ts";
import { noStore, type ModelStore } from "../../../../worker/checkpoint/sources/model-store.ts";
import { cacheStorageStore } from "../../../../worker/checkpoint/sources/cache-storage-store.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import type { Progress } from "../../../../worker/contract/progress.ts";
import { withResolvers } from "../../../setup/with-resolvers.ts";
import { memoryStore } from "./memory-store.ts";
import {
  holdAfter,
  inTurn,
  noise,
  plantServer,
  redirecting,
  serve,
  sha256Of,
  status,
  type Handler,
  type PlantedServer,
} from "./planted-server.ts";

const HUB = "https://huggingface.co/";
const weights = noise(5000);
const config = new TextEncoder().encode(`{"model_type":"vit"}`);

type Opened = { folder: ModelFolder; server: PlantedServer };

/** `hf:o/n` with the test's server as the hub; its files lie under `o/n/resolve/main/`. */
async function openHub(store: ModelStore, options: Partial<ResolveOptions> = {}, text = "hf:o/n"): Promise<Opened> {
  const server = await plantServer();
  const models = `${server.url}models/`;
  const send = redirecting(HUB, server.url);
  const retryDelays = [1, 1, 1];
  const folder = await resolveSource({ kind: "text", text }, { models, store, fetch: send, retryDelays, ...options });
  return { folder, server };
}

const open = async (server: PlantedServer, text: string, store: ModelStore = noStore): Promise<ModelFolder> =>
  resolveSource({ kind: "text", text }, { models: `${server.url}models/`, store, retryDelays: [1, 1, 1] });

describe("where files are looked for", () => {
  test("an embedded name: in its folder under models/", async () => {
    const server = await plantServer();
    server.on("/models/tiny/config.json", serve(config));
    const folder = await open(server, "tiny");
    expect(folder).toMatchObject({ name: "tiny", origin: `${server.url}models/tiny/` });
    expect(await folder.read("config.json")).toEqual(config);
    expect(await folder.read("preprocessor_config.json")).toBeNull();
  });

  test("the URL of a folder: in it, with its query", async () => {
    const server = await plantServer();
    server.on("/x/vit/config.json?key=1", serve(config));
    const folder = await open(server, `${server.url}x/vit?key=1`);
    expect(await folder.read("config.json")).toEqual(config);
  });

  test("the URL of a weight file: that file, and the small files beside it", async () => {
    const server = await plantServer();
    server.on("/x/step-9.safetensors", serve(weights));
    server.on("/x/config.json", serve(config));
    server.on("/x/model.safetensors.index.json", serve(config));
    const folder = await open(server, `${server.url}x/step-9.safetensors`);
    expect(folder).toMatchObject({ name: "step-9", origin: `${server.url}x/step-9.safetensors` });
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("config.json")).toEqual(config);
    expect(await folder.read("model.safetensors.index.json")).toBeNull();
  });

  test("the hub: under resolve/<revision>/", async () => {
    const { folder, server } = await openHub(noStore, {}, "hf:o/n@refs/pr/1");
    server.on("/o/n/resolve/refs%2Fpr%2F1/config.json", serve(config));
    expect(folder.name).toBe("o/n@refs/pr/1");
    expect(await folder.read("config.json")).toEqual(config);
  });

  test("a single-page app's index.html is no file, but in the place of config.json is given, and not kept", async () => {
    const server = await plantServer();
    const page = "<!doctype html><div id=app></div>";
    for (const file of ["config.json", "preprocessor_config.json"])
      server.on(`/spa/${file}`, status(200, { "content-type": "text/html", etag: `"v1"` }, page));
    const store = memoryStore();
    const folder = await open(server, `${server.url}spa/`, store);
    expect(await folder.read("preprocessor_config.json")).toBeNull();
    expect(new TextDecoder().decode((await folder.read("config.json")) ?? weights)).toBe(page);
    expect([...store.files.keys()]).toEqual([`${server.url}spa/preprocessor_config.json`]);
  });

  test("a shard that points out of the folder is refused", async () => {
    const server = await plantServer();
    const folder = await open(server, `${server.url}x/`);
    await expect(folder.read("../secret")).rejects.toMatchObject({ code: "source-unsupported" });
    expect(server.seen).toHaveLength(0);
  });
});

describe("the hub's refusals", () => {
  test.each([
    [401, "RepoNotFound"],
    [403, "GatedRepo"],
    [404, "RevisionNotFound"],
  ])("HTTP %i %s is source-not-found: private or gated", async (code, reason) => {
    const { folder, server } = await openHub(noStore);
    server.on("/o/n/resolve/main/config.json", status(code, { "x-error-code": reason }));
    await expect(folder.read("config.json")).rejects.toMatchObject({
      code: "source-not-found",
      message: expect.stringContaining("private or gated"),
    });
  });

  test("a missing file of a repository is null", async () => {
    const { folder, server } = await openHub(noStore);
    server.on("/o/n/resolve/main/config.json", status(404, { "x-error-code": "EntryNotFound" }));
    expect(await folder.read("config.json")).toBeNull();
  });
});

describe("progress", () => {
  test("counts bytes of the file, then says they came from storage", async () => {
    const { folder, server } = await openHub(memoryStore());
    server.on("/o/n/resolve/main/model.safetensors", serve(weights));
    const seen: Progress[] = [];
    const onProgress = (progress: Progress): void => void seen.push(progress);
    const common = { stage: "download", loaded: 5000, total: 5000, file: "model.safetensors" };
    await folder.read("model.safetensors", { onProgress });
    expect(seen[0]).toEqual({ ...common, loaded: 0, fromCache: false });
    expect(seen.at(-1)).toEqual({ ...common, fromCache: false });
    await folder.read("model.safetensors", { onProgress });
    expect(seen.at(-1)).toEqual({ ...common, fromCache: true });
  });
});

describe("kept files", () => {
  test("open a hub model without a network, absent files too", async () => {
    const asked: string[] = [];
    const server = await plantServer();
    const counting: typeof fetch = (input, init) => {
      asked.push(input instanceof Request ? input.url : input.toString());
      return redirecting(HUB, server.url)(input, init);
    };
    const { folder } = await openHub(memoryStore(), { fetch: counting });
    server.on("/o/n/resolve/main/config.json", serve(config));
    const readAll = async (): Promise<unknown[]> => [await folder.read("config.json"), await folder.read("vocab.json")];
    expect(await readAll()).toEqual([config, null]);
    await server.close();
    asked.length = 0;
    expect(await readAll()).toEqual([config, null]);
    expect(asked).toEqual([`${HUB}o/n/resolve/main/vocab.json`]);
    await expect(folder.read("never-asked.json")).rejects.toMatchObject({ code: "source-network" });
  });

  test("of a moving hub revision are used as they are until forgotten", async () => {
    const store = memoryStore();
    const { folder, server } = await openHub(store);
    const moved = noise(5000, 2);
    server.on("/o/n/resolve/main/model.safetensors", inTurn(serve(weights), serve(moved, `"v2"`)));
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(server.seen).toHaveLength(1);
    await store.forget(folder.origin);
    expect(await folder.read("model.safetensors")).toEqual(moved);
  });

  test("from elsewhere are used while the server has the same version", async () => {
    const server = await plantServer();
    const moved = noise(5000, 2);
    const handlers = [serve(weights), serve(weights), serve(moved, `"v2"`), serve(moved, `"v2"`)] as const;
    server.on("/x/model.safetensors", inTurn(...handlers));
    const folder = await open(server, `${server.url}x/`, memoryStore());
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("model.safetensors")).toEqual(moved);
    expect(server.seen.map(({ method }) => method)).toEqual(["GET", "HEAD", "HEAD", "GET"]);
  });

  test("from elsewhere are used when the server is away, and gone when it says so", async () => {
    const server = await plantServer();
    server.on("/x/model.safetensors", inTurn(serve(weights), status(503), status(404)));
    const folder = await open(server, `${server.url}x/`, memoryStore());
    await folder.read("model.safetensors");
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("model.safetensors")).toBeNull();
  });

  test("of no known version are fetched again while the server answers, and used when it does not", async () => {
    const server = await plantServer();
    const newer = noise(5000, 2);
    const handlers = [serve(weights, null), serve(newer, null), serve(newer, null), status(503)] as const;
    server.on("/x/model.safetensors", inTurn(...handlers));
    const folder = await open(server, `${server.url}x/`, memoryStore());
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("model.safetensors")).toEqual(newer);
    expect(await folder.read("model.safetensors")).toEqual(newer);
    expect(server.seen.map(({ method }) => method)).toEqual(["GET", "HEAD", "GET", "HEAD"]);
    await server.close();
    expect(await folder.read("model.safetensors")).toEqual(newer);
  });

  test.each([405, 501])("of no known version are fetched again where HEAD is refused with %i", async (code) => {
    const server = await plantServer();
    const newer = noise(5000, 2);
    server.on("/x/model.safetensors", inTurn(serve(weights, null), status(code), serve(newer, null)));
    const folder = await open(server, `${server.url}x/`, memoryStore());
    await folder.read("model.safetensors");
    expect(await folder.read("model.safetensors")).toEqual(newer);
  });

  test("there are none in Node", () => {
    expect(cacheStorageStore()).toBe(noStore);
  });
});

describe("a store that fails", () => {
  const failing = (error: Error): ModelStore => ({
    ...noStore,
    put: () => Promise.reject(error),
    get: () => Promise.reject(error),
  });

  test.each(["QuotaExceededError", "SecurityError"])("costs no load: %s", async (name) => {
    const { folder, server } = await openHub(failing(new DOMException("no", name)));
    server.on("/o/n/resolve/main/config.json", serve(config));
    server.on("/o/n/resolve/main/model.safetensors", serve(weights));
    expect(await folder.read("config.json")).toEqual(config);
    expect(await folder.read("model.safetensors")).toEqual(weights);
  });
});

describe("a cancelled download", () => {
  const large = noise(3_000_000);
  const path = "/o/n/resolve/main/model.safetensors";

  async function cancelAfter(bytes: number, store: ModelStore): Promise<Opened> {
    const { folder, server } = await openHub(store);
    const { handler, closed } = holdAfter(bytes, large);
    server.on(path, inTurn(handler, serve(large)));
    const controller = new AbortController();
    const cancelled = folder.read("model.safetensors", {
      signal: controller.signal,
      onProgress: ({ loaded }) => loaded > bytes / 2 && controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
    await closed;
    return { folder, server };
  }

  test("goes on from what had arrived", async () => {
    const store = memoryStore();
    const { folder, server } = await cancelAfter(2_500_000, store);
    await vi.waitFor(() => expect(store.files.size).toBe(1));
    const [part] = store.files.values();
    expect(part).toMatchObject({ state: "part", total: 3_000_000, validator: `"v1"` });
    expect(sha256Of((await folder.read("model.safetensors")) ?? weights)).toBe(sha256Of(large));
    expect(server.seen.at(-1)?.headers).toMatchObject({ range: `bytes=${part?.bytes.length}-`, "if-range": `"v1"` });
    expect([...store.files.values()]).toMatchObject([{ state: "whole" }]);
  });

  test("is not worth keeping below a megabyte", async () => {
    const store = memoryStore();
    const { folder, server } = await cancelAfter(900_000, store);
    await folder.read("model.safetensors");
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });
});

describe("what waits for nothing else", () => {
  const answered =
    (handler: Handler, after: Promise<void>, told: () => void): Handler =>
    (...call) => {
      told();
      void after.then(() => handler(...call));
    };

  test("config and preprocessor are asked for at once", async () => {
    const server = await plantServer();
    const [first, second] = [withResolvers(), withResolvers()];
    server.on("/m/config.json", answered(serve(config), second.promise, first.resolve));
    server.on("/m/preprocessor_config.json", answered(serve(config), first.promise, second.resolve));
    const files = await readFolderConfig(await open(server, `${server.url}m/`));
    expect([files.config, files.preprocessor]).toEqual([{ model_type: "vit" }, { model_type: "vit" }]);
  });

  test("embedded weights are asked for beside their checksum", async () => {
    const server = await plantServer();
    const asked = withResolvers();
    server.on(
      "/models/index.json",
      answered(status(200, {}, "{}"), asked.promise, () => undefined),
    );
    server.on("/models/tiny/model.safetensors", answered(serve(weights), Promise.resolve(), asked.resolve));
    expect(await (await open(server, "tiny")).read("model.safetensors")).toEqual(weights);
  });
});

describe("embedded weights", () => {
  const index = (sha256: string): Uint8Array => {
    const line = { name: "tiny", type: "vit", title: "Tiny", summary: "Noise.", bytes: 5000, parameters: 2500, sha256 };
    return new TextEncoder().encode(JSON.stringify({ models: [line] }));
  };

  test("with the checksum of models/index.json are taken", async () => {
    const server = await plantServer();
    server.on("/models/index.json", serve(index(sha256Of(weights))));
    server.on("/models/tiny/model.safetensors", serve(weights));
    expect(await (await open(server, "tiny")).read("model.safetensors")).toEqual(weights);
  });

  test("with another checksum are source-checksum", async () => {
    const server = await plantServer();
    server.on("/models/index.json", serve(index("0".repeat(64))));
    server.on("/models/tiny/model.safetensors", serve(weights));
    const failed = (await open(server, "tiny")).read("model.safetensors");
    await expect(failed).rejects.toMatchObject({ code: "source-checksum" });
  });

  test("that are refused on their way are told of by their checksum, which says more", async () => {
    const server = await plantServer();
    server.on("/models/index.json", serve(index("0".repeat(64))));
    server.on("/models/tiny/model.safetensors", serve(weights));
    const onArrived = vi.fn(() => {
      throw new Error("no header");
    });
    const failed = (await open(server, "tiny")).read("model.safetensors", { onArrived });
    await expect(failed).rejects.toMatchObject({ code: "source-checksum" });
    expect(onArrived).toHaveBeenCalledOnce();
  });

  test("kept from an older release are fetched again", async () => {
    const server = await plantServer();
    const newer = noise(5000, 2);
    server.on("/models/index.json", inTurn(serve(index(sha256Of(weights))), serve(index(sha256Of(newer)))));
    server.on("/models/tiny/model.safetensors", inTurn(serve(weights), serve(newer)));
    const folder = await open(server, "tiny", memoryStore());
    expect(await folder.read("model.safetensors")).toEqual(weights);
    expect(await folder.read("model.safetensors")).toEqual(newer);
  });

  test.each(["<!doctype html>", `{"models":7}`, `{"models":[{"name":"tiny","sha256":5}]}`, "null"])(
    "load unchecked where the index is %s",
    async (text) => {
      const server = await plantServer();
      server.on("/models/index.json", status(200, {}, text));
      server.on("/models/tiny/model.safetensors", serve(weights));
      expect(await (await open(server, "tiny")).read("model.safetensors")).toEqual(weights);
    },
  );
});
