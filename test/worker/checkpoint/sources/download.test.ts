import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { download, type DownloadOptions } from "../../../../worker/checkpoint/sources/download.ts";
import type { Part } from "../../../../worker/checkpoint/sources/transfer.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { cutAfter, holdAfter, inTurn, noise, plantServer, serve, sha256Of, status } from "./planted-server.ts";

const SIZE = 30_000;
const bytes = noise(SIZE);
const quick: DownloadOptions = { retryDelays: [1, 1, 1] };

afterEach(() => vi.unstubAllGlobals());

describe("a whole file", () => {
  test("comes with byte progress up to its length", async () => {
    const server = await plantServer();
    server.on("/w", serve(bytes));
    const progress: [number, number | null][] = [];
    const got = await download(`${server.url}w`, { onProgress: (loaded, total) => progress.push([loaded, total]) });
    expect(got).toEqual({ bytes, validator: `"v1"` });
    expect(progress[0]).toEqual([0, SIZE]);
    expect(progress.at(-1)).toEqual([SIZE, SIZE]);
  });

  test("of unknown length comes whole, in memory of its own size", async () => {
    const server = await plantServer();
    server.on(
      "/w",
      (_request, response) => void (response.write(bytes.subarray(0, 5)), response.end(bytes.subarray(5))),
    );
    const got = await download(`${server.url}w`);
    expect(got?.bytes).toEqual(bytes);
    expect(got?.bytes.buffer.byteLength).toBe(SIZE);
  });

  test("under gzip has no known total, and its Content-Length is not held against it", async () => {
    const server = await plantServer();
    const packed = gzipSync(bytes);
    server.on("/w", (_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length, etag: `"z"` }).end(packed);
    });
    const totals = new Set<number | null>();
    const got = await download(`${server.url}w`, { onProgress: (_loaded, total) => totals.add(total) });
    expect(got?.bytes).toEqual(bytes);
    expect([...totals]).toEqual([null]);
  });

  test("longer than the Content-Length shown (a compression that CORS hides) is taken as it is", async () => {
    const answer = async (): Promise<Response> => new Response(bytes, { headers: { "content-length": "1000" } });
    expect((await download("http://example.test/w", { fetch: answer }))?.bytes).toEqual(bytes);
  });
});

describe("a file that is not there", () => {
  test.each([404, 410, 403])("HTTP %i is null", async (code) => {
    const server = await plantServer();
    server.on("/w", status(code));
    expect(await download(`${server.url}w`)).toBeNull();
  });

  test.each(["<!DOCTYPE html><title>App</title>", "\n <html>", "\ufeff<!-- built -->\n<!doctype html>"])(
    "a page in its place is null: %j",
    async (page) => {
      const server = await plantServer();
      server.on("/model.safetensors", status(200, { "content-type": "text/html" }, page));
      expect(await download(`${server.url}model.safetensors`)).toBeNull();
    },
  );

  test.each([1, 7, 5000])("a page in its place, in pieces of %i bytes, is told as no progress", async (size) => {
    const page = new TextEncoder().encode(`\ufeff\n<!-- built --><!doctype html>${" ".repeat(4000)}`);
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        for (let at = 0; at < page.length; at += size) stream.enqueue(page.subarray(at, at + size));
        stream.close();
      },
    });
    const loaded: number[] = [];
    const send = async (): Promise<Response> => new Response(body, { headers: { "content-length": `${page.length}` } });
    const options = { fetch: send, onProgress: (count: number) => void loaded.push(count) };
    expect(await download("http://example.test/pytorch_model.bin", options)).toBeNull();
    expect(loaded).toEqual([0]);
  });

  test("a page in its place is handed over where that is asked for", async () => {
    const server = await plantServer();
    server.on("/config.json", status(200, { etag: `"v1"` }, "<html>"));
    const got = await download(`${server.url}config.json`, { givePage: true });
    expect(got).toEqual({ bytes: new TextEncoder().encode("<html>"), validator: null });
  });

  test("a Git LFS pointer is refused by its own code, telling the size", async () => {
    const server = await plantServer();
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 22880000\n`;
    server.on("/model.safetensors", status(200, {}, pointer));
    const failure = expect(download(`${server.url}model.safetensors`)).rejects;
    await failure.toMatchObject({ code: "source-lfs-pointer", message: expect.stringContaining("22880000 bytes") });
  });
});

describe("a cut connection", () => {
  test("is resumed by Range under the strong ETag", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes), serve(bytes)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
    expect(server.seen.map(({ headers }) => [headers.range, headers["if-range"]])).toEqual([
      [undefined, undefined],
      ["bytes=10000-", `"v1"`],
    ]);
  });

  test("is begun again where nothing names the version", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes, null), serve(bytes, null)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  test("is begun again under a weak ETag", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes, `W/"v1"`), serve(bytes, `W/"v1"`)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
    expect(server.seen[1]?.headers.range).toBeUndefined();
  });

  test("is begun again where the file changed in between, and the server says so", async () => {
    const server = await plantServer();
    const changed = noise(SIZE, 2);
    server.on("/w", inTurn(cutAfter(10_000, bytes), serve(changed, `"v2"`)));
    expect(await download(`${server.url}w`, quick)).toEqual({ bytes: changed, validator: `"v2"` });
  });

  test("is begun again where the server ignores If-Range and goes on in another version", async () => {
    const server = await plantServer();
    const changed = noise(SIZE, 2);
    const careless = inTurn(cutAfter(10_000, bytes), (request, response, visit) => {
      delete request.headers["if-range"];
      serve(changed, `"v2"`)(request, response, visit);
    });
    server.on("/w", careless);
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(changed);
  });

  test("is begun again where the server goes on elsewhere than asked", async () => {
    const server = await plantServer();
    const range = `bytes 5-${SIZE - 1}/${SIZE}`;
    const elsewhere = status(206, { "content-range": range, etag: `"v1"` }, "wrong");
    server.on("/w", inTurn(cutAfter(10_000, bytes), elsewhere, serve(bytes)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
  });

  test("is begun again where the length changed under the same version", async () => {
    const server = await plantServer();
    const range = `bytes 10000-${SIZE}/${SIZE + 1}`;
    const longer = status(206, { "content-range": range, etag: `"v1"` }, "longer");
    server.on("/w", inTurn(cutAfter(10_000, bytes), longer, serve(bytes)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([undefined, "bytes=10000-", undefined]);
  });

  test("is begun again where the server takes no ranges", async () => {
    const server = await plantServer();
    const rangeless = cutAfter(10_000, bytes);
    server.on(
      "/w",
      inTurn((request, response, visit) => {
        response.setHeader("accept-ranges", "none");
        rangeless(request, response, visit);
      }, serve(bytes)),
    );
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
    expect(server.seen[1]?.headers.range).toBeUndefined();
  });

  test("is begun again after HTTP 416", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes), status(416), serve(bytes)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
  });

  test("from another origin is resumed without If-Range, which a preflight would stop", async () => {
    vi.stubGlobal("location", { origin: "https://page.test" });
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes), serve(bytes)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
    expect(server.seen[1]?.headers.range).toBe("bytes=10000-");
    expect(server.seen[1]?.headers["if-range"]).toBeUndefined();
  });

  test("from a host that blocks ranges is begun again in the end", async () => {
    vi.stubGlobal("location", { origin: "https://page.test" });
    const server = await plantServer();
    server.on("/w", serve(bytes));
    const blocking: typeof fetch = (input, init) =>
      new Headers(init?.headers).has("range") ? Promise.reject(new TypeError("Failed to fetch")) : fetch(input, init);
    const part = { bytes: bytes.slice(0, 4), validator: `"v1"`, total: SIZE };
    expect((await download(`${server.url}w`, { ...quick, part, fetch: blocking }))?.bytes).toEqual(bytes);
  });

  test("again and again is source-truncated with both counts, and hands on what could be resumed", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes), status(503), status(503), cutAfter(7000, bytes)));
    const parts: Part[] = [];
    const failed = download(`${server.url}w`, { ...quick, onPart: (part) => parts.push(part) });
    await expect(failed).rejects.toMatchObject({
      code: "source-truncated",
      message: expect.stringContaining(`7000 of ${SIZE} bytes`),
    });
    expect(server.seen).toHaveLength(4);
    expect(parts).toEqual([{ bytes: bytes.slice(0, 7000), validator: `"v1"`, total: SIZE }]);
  });

  test("that ends without an error is still seen by its length", async () => {
    const answer = async (): Promise<Response> => new Response("abc", { headers: { "content-length": "5" } });
    const failed = download("http://example.test/w", { ...quick, fetch: answer });
    await expect(failed).rejects.toMatchObject({
      code: "source-truncated",
      message: expect.stringContaining("3 of 5"),
    });
  });

  test("is resumed from an earlier download's part", async () => {
    const server = await plantServer();
    server.on("/w", serve(bytes));
    const part = { bytes: bytes.slice(0, 4), validator: `"v1"`, total: SIZE };
    const loaded: number[] = [];
    const got = await download(`${server.url}w`, { part, onProgress: (count) => loaded.push(count) });
    expect(got?.bytes).toEqual(bytes);
    expect(loaded[0]).toBe(4);
    expect(server.seen[0]?.headers.range).toBe("bytes=4-");
  });

  test("a connection that falls silent counts as cut", async () => {
    const server = await plantServer();
    const { handler, closed } = holdAfter(10_000, bytes);
    server.on("/w", inTurn(handler, serve(bytes)));
    expect((await download(`${server.url}w`, { ...quick, stallAfter: 100 }))?.bytes).toEqual(bytes);
    await closed;
  });
});

describe("a file on its way", () => {
  /** What was shown of it: how much, in which memory, and whether that was the file's beginning. */
  function watch(of: Uint8Array) {
    const shown: { readonly memory: ArrayBufferLike; readonly arrived: number; readonly right: boolean }[] = [];
    const onArrived = (file: Uint8Array, arrived: number): void => {
      const right = file.length === SIZE && of.subarray(0, arrived).every((byte, at) => byte === file[at]);
      shown.push({ memory: file.buffer, arrived, right });
    };
    return { shown, onArrived, memories: () => [...new Set(shown.map(({ memory }) => memory))] };
  }

  test("stands in one memory from its first byte to its last, over a resumed connection too", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(cutAfter(10_000, bytes), serve(bytes)));
    const { shown, onArrived, memories } = watch(bytes);
    const got = (await download(`${server.url}w`, { ...quick, onArrived }))!;
    expect(memories()).toEqual([got.bytes.buffer]);
    expect(shown.every(({ right }) => right)).toBe(true);
    expect(shown.map(({ arrived }) => arrived)).toEqual(shown.map(({ arrived }) => arrived).sort((a, b) => a - b));
    expect(shown.at(-1)!.arrived).toBe(SIZE);
  });

  test("goes on in the same memory behind an earlier download's part", async () => {
    const server = await plantServer();
    server.on("/w", serve(bytes));
    const { shown, onArrived, memories } = watch(bytes);
    const part = { bytes: bytes.slice(0, 9000), validator: `"v1"`, total: SIZE };
    const got = (await download(`${server.url}w`, { part, onArrived }))!;
    expect(memories()).toEqual([got.bytes.buffer]);
    expect(shown.every(({ arrived, right }) => arrived > 9000 && right)).toBe(true);
  });

  test("stands in other memory once it is begun anew", async () => {
    const server = await plantServer();
    const newer = noise(SIZE, 2);
    server.on("/w", inTurn(cutAfter(10_000, bytes), serve(newer, `"v2"`)));
    const { onArrived, memories } = watch(newer);
    const got = (await download(`${server.url}w`, { ...quick, onArrived }))!;
    expect(memories()).toHaveLength(2);
    expect(memories()[1]).toBe(got.bytes.buffer);
  });

  test("is not shown while its length is unknown: it may have to move", async () => {
    const server = await plantServer();
    server.on("/w", (_, response) => void (response.write(bytes.subarray(0, 5)), response.end(bytes.subarray(5))));
    const { shown, onArrived } = watch(bytes);
    expect((await download(`${server.url}w`, { onArrived }))?.bytes).toEqual(bytes);
    expect(shown).toEqual([]);
  });

  test("and refused ends the download, and nothing of it is kept", async () => {
    const server = await plantServer();
    const { handler, closed } = holdAfter(10_000, bytes);
    server.on("/w", handler);
    const parts: Part[] = [];
    const onArrived = (): never => {
      throw new VisionError("safetensors-header", "not this one");
    };
    const refused = download(`${server.url}w`, { ...quick, onArrived, onPart: (part) => parts.push(part) });
    await expect(refused).rejects.toMatchObject({ code: "safetensors-header" });
    await closed;
    expect(parts).toEqual([]);
  });
});

describe("a server that fails", () => {
  test("is asked again", async () => {
    const server = await plantServer();
    server.on("/w", inTurn(status(503), status(429), serve(bytes)));
    expect((await download(`${server.url}w`, quick))?.bytes).toEqual(bytes);
  });

  test("for good is source-network after three more attempts", async () => {
    const server = await plantServer();
    server.on("/w", status(500));
    await expect(download(`${server.url}w`, quick)).rejects.toMatchObject({ code: "source-network" });
    expect(server.seen).toHaveLength(4);
  });

  test("by refusing the request is not asked again", async () => {
    const server = await plantServer();
    server.on("/w", status(400));
    await expect(download(`${server.url}w`, quick)).rejects.toMatchObject({ code: "source-network" });
    expect(server.seen).toHaveLength(1);
  });

  test("by wanting a sign-in is source-not-found", async () => {
    const server = await plantServer();
    server.on("/w", status(401));
    await expect(download(`${server.url}w`, quick)).rejects.toMatchObject({ code: "source-not-found" });
  });

  test("by not being there is source-network", async () => {
    const server = await plantServer();
    await server.close();
    await expect(download(`${server.url}w`, quick)).rejects.toMatchObject({ code: "source-network" });
  });
});

describe("cancelling", () => {
  test("in the middle rejects, and the server sees the connection close", async () => {
    const server = await plantServer();
    const { handler, closed } = holdAfter(10_000, bytes);
    server.on("/w", handler);
    const controller = new AbortController();
    const parts: Part[] = [];
    const cancelled = download(`${server.url}w`, {
      signal: controller.signal,
      onProgress: (loaded) => loaded === 10_000 && controller.abort(),
      onPart: (part) => parts.push(part),
    });
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
    await closed;
    expect(parts).toEqual([{ bytes: bytes.slice(0, 10_000), validator: `"v1"`, total: SIZE }]);
  });

  test("lets go of the body even where the fetch itself cannot be cancelled", async () => {
    const controller = new AbortController();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const body = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(bytes), cancel: () => release() });
    const cancelled = download("http://example.test/w", {
      fetch: async () => new Response(body),
      signal: controller.signal,
      onProgress: (loaded) => loaded === SIZE && controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
    await released;
  });

  test("before the answer rejects, and the server sees the connection close", async () => {
    const server = await plantServer();
    const controller = new AbortController();
    const closed = new Promise<void>((resolve) => {
      server.on("/w", (_request, response) => {
        response.on("close", resolve);
        controller.abort();
      });
    });
    await expect(download(`${server.url}w`, { signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    await closed;
  });

  test("between two attempts rejects", async () => {
    const server = await plantServer();
    const controller = new AbortController();
    server.on("/w", (_request, response) => {
      response.on("close", () => setTimeout(() => controller.abort(), 50));
      response.writeHead(503).end();
    });
    const cancelled = download(`${server.url}w`, { signal: controller.signal, retryDelays: [1_000_000] });
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
    expect(server.seen).toHaveLength(1);
  });

  test("beforehand asks nobody", async () => {
    const server = await plantServer();
    await expect(download(`${server.url}w`, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(server.seen).toHaveLength(0);
  });
});

describe("what was expected", () => {
  test("the right SHA-256 and length pass", async () => {
    const server = await plantServer();
    server.on("/w", serve(bytes));
    const expected = { sha256: sha256Of(bytes), bytes: SIZE };
    expect((await download(`${server.url}w`, { expected }))?.bytes).toEqual(bytes);
  });

  test("another SHA-256 is source-checksum with both", async () => {
    const server = await plantServer();
    server.on("/w", serve(noise(SIZE, 2)));
    const failed = download(`${server.url}w`, { expected: { sha256: sha256Of(bytes) } });
    await expect(failed).rejects.toMatchObject({
      code: "source-checksum",
      message: expect.stringMatching(new RegExp(`${sha256Of(bytes)}.*${sha256Of(noise(SIZE, 2))}`)),
    });
  });

  test("fewer bytes are source-truncated", async () => {
    const server = await plantServer();
    server.on("/w", serve(bytes));
    const failed = download(`${server.url}w`, { expected: { bytes: SIZE + 1 } });
    await expect(failed).rejects.toMatchObject({ code: "source-truncated" });
  });

  test.each([true, false])("more than the limit is source-unsupported (length told: %s)", async (told) => {
    const server = await plantServer();
    server.on("/w", told ? serve(bytes) : (_request, response) => void (response.write(bytes), response.end(bytes)));
    await expect(download(`${server.url}w`, { limit: 1000 })).rejects.toMatchObject({ code: "source-unsupported" });
  });
});
