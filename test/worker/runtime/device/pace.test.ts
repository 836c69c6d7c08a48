import { expect, test } from "vitest";
import { SYNCHRONOUS } from "../../../../worker/runtime/backends/driver.ts";
import { createPace } from "../../../../worker/runtime/device/pace.ts";

test("throws once the job is cancelled, even by a message that was already waiting", async () => {
  const controller = new AbortController();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => controller.abort();
  const pause = createPace(SYNCHRONOUS, controller.signal);
  await pause();
  port2.postMessage("cancel");
  await expect(Promise.all([pause(), pause().then(pause)])).rejects.toMatchObject({ name: "AbortError" });
  port1.close();
});

test("keeps the device at most one step behind", async () => {
  const done: boolean[] = [];
  const mark = () => {
    const step = done.push(false) - 1;
    return () => done[step]!;
  };
  const pause = createPace({ ...SYNCHRONOUS, mark });
  await pause(); // step 0 is on its way, nothing to wait for
  let passed = false;
  const second = pause().then(() => (passed = true));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(passed).toBe(false);
  done[0] = true;
  await second;
  expect(done).toEqual([true, false]);
});

test("a lost device is not waited for", async () => {
  let lost = false;
  const pause = createPace({ ...SYNCHRONOUS, mark: () => () => false, isLost: () => lost });
  await pause();
  const waiting = pause();
  lost = true;
  await expect(waiting).resolves.toBeUndefined();
});
