import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { fetchPicture } from "../../../worker/image/fetch-picture.ts";

const URL_OF_PICTURE = "https://example.org/photo.jpg";

const answering = (answer: () => Promise<Response>) => {
  const fetching = vi.fn(answer);
  vi.stubGlobal("fetch", fetching);
  return fetching;
};

afterEach(() => void vi.unstubAllGlobals());

describe("fetchPicture", () => {
  test("gives the body's bytes", async () => {
    const fetching = answering(async () => new Response(Uint8Array.of(1, 2, 3)));
    expect(await fetchPicture(URL_OF_PICTURE)).toEqual(Uint8Array.of(1, 2, 3));
    expect(fetching).toHaveBeenCalledWith(URL_OF_PICTURE, { signal: expect.any(AbortSignal) as AbortSignal });
  });

  describe("from a server that stalls", () => {
    const server = createServer((request, response) => {
      if (request.url === "/headers") response.write("x"); // and no more; of "/nothing" not even that
      if (request.url === "/slow") void drip(response);
    });
    const drip = async (response: ServerResponse): Promise<void> => {
      for (let at = 0; at < 6; at++) {
        response.write("x");
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      response.end();
    };
    let address = "";
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
      address = `http://localhost:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void (server.closeAllConnections(), server.close()));

    test.each(["/nothing", "/headers"])("%s: source-network, after a while", async (path) => {
      await expect(fetchPicture(address + path, undefined, 100)).rejects.toMatchObject({ code: "source-network" });
    });

    test("as long as something comes it waits", async () => {
      expect(await fetchPicture(`${address}/slow`, undefined, 250)).toHaveLength(6);
    });

    test("cancelled meanwhile: an AbortError", async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 50);
      await expect(fetchPicture(`${address}/headers`, stop.signal)).rejects.toMatchObject({ name: "AbortError" });
    });
  });

  test("a picture that is its own address is not repeated whole", async () => {
    answering(() => Promise.reject(new TypeError("Failed to fetch")));
    const url = `data:image/png;base64,${"A".repeat(100_000)}`;
    const message = expect.stringMatching(/^data:.{200,500}Content-Security-Policy/) as string;
    await expect(fetchPicture(url)).rejects.toMatchObject({ code: "source-network", message });
  });

  test.each([
    [404, "source-not-found"],
    [410, "source-not-found"],
    [403, "source-network"],
    [500, "source-network"],
  ])("HTTP %i: %s", async (status, code) => {
    answering(async () => new Response("<h1>sorry</h1>", { status }));
    await expect(fetchPicture(URL_OF_PICTURE)).rejects.toMatchObject({ name: "VisionError", code });
  });

  test("no answer, and a body that breaks off: source-network", async () => {
    answering(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(fetchPicture(URL_OF_PICTURE)).rejects.toMatchObject({ code: "source-network" });
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError("network error")) });
    answering(async () => new Response(broken));
    await expect(fetchPicture(URL_OF_PICTURE)).rejects.toMatchObject({ code: "source-network" });
  });

  test("cancelled: an AbortError, whatever fetch says", async () => {
    answering(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(fetchPicture(URL_OF_PICTURE, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });
});
