import { describe, expect, test } from "vitest";
import { createLive } from "../../../../src/app/state/live.ts";
import type { Classification, FrameSource, Vision, WatchOptions } from "../../../../src/index.ts";
import { abortError, VisionError } from "../../../../worker/contract/errors.ts";
import { answer, modelInfo, settle } from "../fake-vision.ts";

const frames = {} as FrameSource;

/** A model that sees what the test says, `at` milliseconds on the clock; an error ends its answers. */
function setUp() {
  const announced: string[] = [];
  const asked: WatchOptions[] = [];
  let now = 0;
  let next: ((seen: Classification | Error) => void) | null = null;
  async function* watch(_: FrameSource, options: WatchOptions = {}): ReturnType<Vision["watch"]> {
    asked.push(options);
    options.signal?.addEventListener("abort", () => next?.(abortError()));
    for (;;) {
      const seen = await new Promise<Classification | Error>((resolve) => (next = resolve));
      if (seen instanceof Error) throw seen;
      yield seen;
    }
  }
  const live = createLive({ vision: () => ({ watch }), announce: (text) => announced.push(text), now: () => now });
  const see = async (seen: string | Error, at = now): Promise<void> => {
    now = at;
    next?.(typeof seen === "string" ? answer(seen) : seen);
    await settle();
  };
  return { live, announced, asked, see };
}

describe("a live picture", () => {
  test("shows the newest answer, and none once it is over", async () => {
    const { live, asked, see } = setUp();
    const stop = new AbortController();
    const watching = live.watch(frames, modelInfo(3), stop.signal);
    await see("cat");
    await see("dog");
    expect(live.answer.value?.predictions[0]?.label).toBe("dog");
    expect(asked).toMatchObject([{ model: { id: 3 }, topK: 3 }]);
    stop.abort();
    await watching;
    expect([live.answer.value, live.failure.value]).toEqual([null, null]);
  });

  test("is read out when a class has stayed the best, once", async () => {
    const { live, announced, see } = setUp();
    void live.watch(frames, modelInfo(1), new AbortController().signal);
    await settle();
    for (const at of [0, 500, 1000]) await see("cat", at);
    await see("dog", 1400);
    await see("cat", 1499);
    expect(announced).toEqual([]);
    for (const at of [2000, 2999]) await see("cat", at);
    expect(announced).toEqual(["cat"]);
    for (const at of [4000, 9000]) await see("cat", at);
    await see("dog", 9001);
    await see("cat", 9002);
    await see("cat", 12_000);
    expect(announced).toEqual(["cat"]);
    for (const at of [12_001, 13_501]) await see("dog", at);
    expect(announced).toEqual(["cat", "dog"]);
  });

  test("goes on with the worker that takes a lost one's place, but not for ever", async () => {
    const { live, announced, asked, see } = setUp();
    void live.watch(frames, modelInfo(1), new AbortController().signal);
    await see("cat");
    await see(new VisionError("context-lost", "gone"));
    await see("cat");
    await see(new VisionError("worker-crashed", "gone"));
    expect([asked.length, live.failure.value]).toEqual([3, null]);
    await see(new VisionError("worker-crashed", "again"));
    expect([asked.length, live.failure.value?.code, live.answer.value]).toEqual([3, "worker-crashed", null]);
    expect(announced).toHaveLength(1);
  });

  test("that a model cannot look at says why", async () => {
    const { live, see } = setUp();
    const watching = live.watch(frames, modelInfo(1), new AbortController().signal);
    await see(new VisionError("model-has-no-head", "no classes"));
    await watching;
    expect(live.failure.value).toMatchObject({ code: "model-has-no-head", detail: "no classes" });
  });
});
