import { signal } from "@preact/signals";
import { describe, expect, test } from "vitest";
import { createInquiry, type Asked } from "../../../../../src/app/state/looking/inquiry.ts";
import { createPhoto } from "../../../../../src/app/state/photo.ts";
import { VisionError } from "../../../../../worker/contract/errors.ts";
import { settle } from "../../fake-vision.ts";

type Pending = {
  readonly key: string;
  readonly signal: AbortSignal;
  resolve(value: string): void;
  reject(e: unknown): void;
};

const photo = (id: number) => createPhoto(id, { name: `${id}`, content: new Blob() });

const setUp = () => {
  const calls: Pending[] = [];
  const question = (of: ReturnType<typeof photo>, key: string): Asked<string> => ({
    photo: of,
    key,
    ask: (_, signal) => new Promise((resolve, reject) => calls.push({ key, signal, resolve, reject })),
  });
  const asked = signal<Asked<string> | null>(null);
  return { calls, asked, question, inquiry: createInquiry(asked) };
};

describe("an inquiry", () => {
  test("asks once, and keeps the answer with its photo", async () => {
    const { calls, asked, question, inquiry } = setUp();
    const one = photo(1);
    asked.value = question(one, "a");
    expect([inquiry.busy.value, inquiry.answer.value]).toEqual([true, null]);
    calls[0]!.resolve("A");
    await settle();
    expect([inquiry.busy.value, inquiry.answer.value]).toEqual([false, "A"]);
    asked.value = question(one, "b");
    expect(inquiry.answer.value).toBe("A"); // until the other is here
    calls[1]!.resolve("B");
    await settle();
    asked.value = question(one, "a");
    expect([inquiry.busy.value, inquiry.answer.value, calls.length]).toEqual([false, "A", 2]);
  });

  test("lets the newest win, whatever comes last", async () => {
    const { calls, asked, question, inquiry } = setUp();
    const one = photo(1);
    asked.value = question(one, "a");
    asked.value = question(one, "b");
    expect(calls[0]!.signal.aborted).toBe(true);
    calls[1]!.resolve("B");
    calls[0]!.resolve("A");
    await settle();
    expect(inquiry.answer.value).toBe("B");
  });

  test("shows nothing of one photo over another", async () => {
    const { calls, asked, question, inquiry } = setUp();
    asked.value = question(photo(1), "a");
    calls[0]!.resolve("A");
    await settle();
    asked.value = question(photo(2), "a");
    expect(inquiry.answer.value).toBeNull();
    asked.value = null;
    expect(calls[1]!.signal.aborted).toBe(true);
    expect(inquiry.busy.value).toBe(false);
  });

  test("asks the next worker once when one is lost, then says so, and can be tried again", async () => {
    const { calls, asked, question, inquiry } = setUp();
    asked.value = question(photo(1), "a");
    calls[0]!.reject(new VisionError("worker-crashed", "gone"));
    await settle();
    expect([calls.length, inquiry.failure.value]).toEqual([2, null]);
    calls[1]!.reject(new VisionError("worker-crashed", "gone again"));
    await settle();
    expect(inquiry.failure.value?.code).toBe("worker-crashed");
    inquiry.retry();
    expect(inquiry.failure.value).toBeNull();
    calls[2]!.resolve("A");
    await settle();
    expect(inquiry.answer.value).toBe("A");
  });

  test("that is cancelled says so, and goes on with the next question", async () => {
    const { calls, asked, question, inquiry } = setUp();
    const one = photo(1);
    asked.value = question(one, "a");
    inquiry.cancel();
    expect([inquiry.cancelled.value, inquiry.busy.value, calls[0]!.signal.aborted]).toEqual([true, false, true]);
    calls[0]!.resolve("A");
    await settle();
    expect(inquiry.answer.value).toBeNull();
    asked.value = question(one, "b");
    expect([inquiry.cancelled.value, inquiry.busy.value]).toEqual([false, true]);
  });
});
