import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openBitmap } from "../../../../worker/image/browser/open-bitmap.ts";
import { readImageHeader } from "../../../../worker/image/header.ts";

const read = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../../golden/pictures/${name}`, import.meta.url)));

const file = read("orientation-6.jpg");
const header = readImageHeader(file);

/** A browser whose decoder answers when told to. */
const pending = () => {
  const close = vi.fn();
  const bitmap = { width: 31, height: 21, close };
  let finish = (): void => undefined;
  let fail = (): void => undefined;
  const answer = new Promise<typeof bitmap>((resolve, reject) => {
    finish = () => resolve(bitmap);
    fail = () => reject(new DOMException("The source image could not be decoded.", "InvalidStateError"));
  });
  const decode = vi.fn<(file: Blob) => typeof answer>(() => answer);
  vi.stubGlobal("createImageBitmap", decode);
  return { bitmap, close, finish, fail, decode };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("openBitmap", () => {
  test("hands on what the browser decodes, and leaves no timer", async () => {
    const { bitmap, close, finish } = pending();
    finish();
    expect(await openBitmap(file, header)).toBe(bitmap);
    expect(close).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects after ten seconds, and closes what comes later", async () => {
    const { close, finish } = pending();
    const opened = expect(openBitmap(file, header)).rejects.toMatchObject({ code: "image-timeout" });
    await vi.advanceTimersByTimeAsync(10_000);
    await opened;
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(close).toHaveBeenCalledOnce();
  });

  test("rejects at once when cancelled, and closes what comes later", async () => {
    const { close, finish } = pending();
    const controller = new AbortController();
    const opened = expect(openBitmap(file, header, controller.signal)).rejects.toMatchObject({ name: "AbortError" });
    controller.abort();
    await opened;
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(close).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("says that the file is damaged where the browser cannot decode it", async () => {
    const { fail } = pending();
    fail();
    await expect(openBitmap(file, header)).rejects.toMatchObject({ code: "image-corrupt" });
  });

  test.each(["orientation-6.jpg", "orientation-6.png", "animated.png", "profile.jpg", "profile.png", "gamma.png"])(
    "gives the browser %s without its EXIF, animation and colour space, and otherwise whole",
    async (name) => {
      const { finish, decode } = pending();
      finish();
      const bytes = read(name);
      await openBitmap(bytes, readImageHeader(bytes));
      const given = new Uint8Array(await decode.mock.calls[0]![0].arrayBuffer());
      const { cut, orientation, ...rest } = readImageHeader(given);
      expect({ cut, orientation }).toEqual({ cut: [], orientation: 1 });
      expect(readImageHeader(bytes)).toMatchObject(rest);
      expect(given.length).toBeLessThan(bytes.length);
    },
  );
});
