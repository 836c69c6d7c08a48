import { afterEach, describe, expect, test, vi } from "vitest";
import { fetchPicture } from "../../../../worker/image/browser/fetch-picture.ts";

const URL_OF_PICTURE = "https://example.org/photo.jpg";

const answering = (answer: () => Promise<Response>) => {
  const fetching = vi.fn(answer);
  vi.stubGlobal("fetch", fetching);
  return fetching;
};

afterEach(() => void vi.unstubAllGlobals());

describe("fetchPicture", () => {
  test("gives the body's bytes, and hands the signal on", async () => {
    const fetching = answering(async () => new Response(Uint8Array.of(1, 2, 3)));
    const { signal } = new AbortController();
    expect(await fetchPicture(URL_OF_PICTURE, signal)).toEqual(Uint8Array.of(1, 2, 3));
    expect(fetching).toHaveBeenCalledWith(URL_OF_PICTURE, { signal });
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
