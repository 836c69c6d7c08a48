import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchPicture, nameOfAddress, pictureAddress } from "../../../../src/app/intake/picture-address.ts";

describe("pictureAddress", () => {
  test.each([
    ["https://example.org/cat.jpg", "https://example.org/cat.jpg"],
    ["  http://localhost:80/cat.jpg\n", "http://localhost/cat.jpg"],
    ["# from a browser\r\nhttps://example.org/cat.jpg\r\nhttps://example.org/dog.jpg", "https://example.org/cat.jpg"],
    ["just some words", undefined],
    ["javascript:alert(1)", undefined],
    ["file:///etc/passwd", undefined],
    ["", undefined],
  ])("%j", (text, href) => expect(pictureAddress(text)?.href).toBe(href));
});

test.each([
  ["https://example.org/pictures/my%20cat.jpg?size=big", "my cat.jpg"],
  ["https://example.org/", "example.org"],
  ["https://example.org/100%", "100%"],
])("%s is named %s", (href, name) => expect(nameOfAddress(new URL(href))).toBe(name));

describe("fetchPicture", () => {
  const url = new URL("https://example.org/cat.jpg");
  const answerWith = (answer: () => Promise<Response>): void => void vi.stubGlobal("fetch", answer);
  const online = (onLine: boolean): void => void vi.stubGlobal("navigator", { onLine });
  beforeEach(() => {
    online(true);
    vi.stubGlobal("location", new URL("https://photos.test/app/"));
  });
  afterEach(() => void vi.unstubAllGlobals());

  test("gives the bytes", async () => {
    answerWith(async () => new Response("abc"));
    expect(await (await fetchPicture(url, new AbortController().signal)).text()).toBe("abc");
  });

  test("names a refused and an unreachable address", async () => {
    const { signal } = new AbortController();
    answerWith(async () => new Response("", { status: 403 }));
    await expect(fetchPicture(url, signal)).rejects.toMatchObject({
      code: "picture-address",
      message: expect.stringContaining("403"),
    });
    answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(fetchPicture(url, signal)).rejects.toMatchObject({
      code: "picture-address",
      message: expect.stringContaining("example.org"),
    });
  });

  test("blames the connection where nothing else can keep a picture from the page", async () => {
    const { signal } = new AbortController();
    answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
    const own = new URL("https://photos.test/app/examples/lemon.jpg");
    await expect(fetchPicture(own, signal)).rejects.toMatchObject({ code: "picture-offline" });
    online(false);
    await expect(fetchPicture(url, signal)).rejects.toMatchObject({ code: "picture-offline" });
  });

  test("asks no host over http that the page's policy forbids, and says so", async () => {
    vi.stubGlobal("location", new URL("http://photos.test/app/"));
    const asked: string[] = [];
    vi.stubGlobal("fetch", async ({ href }: URL) => {
      asked.push(href);
      return new Response("abc");
    });
    const fetchFrom = (href: string): Promise<Blob> => fetchPicture(new URL(href), new AbortController().signal);
    await expect(fetchFrom("http://example.org/cat.jpg")).rejects.toMatchObject({ code: "picture-insecure" });
    const allowed = ["http://photos.test/cat.jpg", "http://localhost:81/cat.jpg", "http://127.0.0.1/cat.jpg"];
    for (const href of allowed) await fetchFrom(href);
    expect(asked).toEqual(allowed);
  });

  test("a cancelled fetch stays an AbortError", async () => {
    const ending = new AbortController();
    ending.abort();
    answerWith(() => Promise.reject(new DOMException("aborted", "AbortError")));
    await expect(fetchPicture(url, ending.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
