import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { isAbortError, VisionError } from "../../../../worker/contract/errors.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { SYNCHRONOUS, type BackendDriver, type StartedBackend } from "../../../../worker/runtime/backends/driver.ts";
import { Device } from "../../../../worker/runtime/device/device.ts";
import { withResolvers } from "../../../setup/with-resolvers.ts";

/** A device on tfjs's cpu backend that can be told to fail as a GPU does. */
async function open(told: Partial<StartedBackend> = {}) {
  let lose: (reason: string) => void = () => undefined;
  const driver: BackendDriver = {
    name: "cpu",
    async start(onLost) {
      lose = onLost;
      await cpuBackend.start(onLost);
      return { ...SYNCHRONOUS, ...told };
    },
  };
  const losses: VisionError[] = [];
  const device = await Device.open("cpu", [driver], (error) => losses.push(error));
  return { device, losses, lose: (reason: string) => lose(reason) };
}

const never = new Promise<never>(() => undefined);

test("a device that goes away ends the job under way, every later one, and tells once", async () => {
  const { device, losses, lose } = await open();
  const running = expect(device.run(() => never)).rejects.toMatchObject({ code: "context-lost" });
  await Promise.resolve();
  lose("gone");
  await running;
  await expect(device.run(() => never)).rejects.toMatchObject({ code: "context-lost" });
  expect(losses).toHaveLength(1);
});

test("a device that is closed ends the job under way at its next step, and every later one", async () => {
  const { device } = await open();
  const [begun, step] = [withResolvers(), withResolvers()];
  let stopped: unknown = null;
  const running = device.run(async (pause) => {
    begun.resolve();
    await step.promise;
    await pause().catch((error: unknown) => (stopped = error));
  });
  await begun.promise;
  device.close();
  await expect(running).rejects.toMatchObject({ code: "disposed" });
  step.resolve();
  await vi.waitFor(() => expect(stopped).toMatchObject({ code: "disposed" }));
  await expect(device.run(() => Promise.resolve(0))).rejects.toMatchObject({ code: "disposed" });
});

test("nothing of a job is held once it has ended", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { device } = await open();
  const answers: WeakRef<object>[] = [];
  for (let job = 0; job < 5; job++) {
    answers.push(new WeakRef(await device.run(() => Promise.resolve({ weights: new Uint8Array(1e6) }))));
  }
  await vi.waitFor(() => {
    collect();
    expect(answers.filter((answer) => answer.deref() !== undefined)).toEqual([]);
  });
});

test("an answer from a device that was lost without a word is not believed", async () => {
  const { device } = await open({ isLost: () => true });
  await expect(device.run(() => Promise.resolve(0))).rejects.toMatchObject({ code: "context-lost" });
});

test("an answer computed while memory ran out is not believed, and the next job runs", async () => {
  const failures = [true, false];
  const { device } = await open({ ranOutOfMemory: () => failures.shift() ?? false });
  await expect(device.run(() => Promise.resolve(0))).rejects.toMatchObject({ code: "out-of-memory" });
  expect(await device.run(() => Promise.resolve(42))).toBe(42);
});

test("memory that ran out before a job stepped aside is that job's fault, not the next one's", async () => {
  const failures = [true, false];
  const { device } = await open({ ranOutOfMemory: () => failures.shift() ?? false });
  const large = device.run((_, stepAside) => stepAside(never));
  const next = device.run(() => Promise.resolve(42));
  await expect(large).rejects.toMatchObject({ code: "out-of-memory" });
  expect(await next).toBe(42);
});

test.each([
  [new RangeError("Array buffer allocation failed"), "out-of-memory"],
  [new WebAssembly.RuntimeError("memory access out of bounds"), "out-of-memory"],
  [new TypeError("x is undefined"), "internal"],
  [new VisionError("image-corrupt", "bad"), "image-corrupt"],
])("%s gets the code %s", async (thrown, code) => {
  const { device } = await open();
  await expect(device.run(() => Promise.reject(thrown))).rejects.toMatchObject({ code });
});

test("an abort stays an abort", async () => {
  const { device } = await open();
  const controller = new AbortController();
  const running = device.run(async (pause) => {
    controller.abort();
    await pause();
  }, controller.signal);
  await expect(running).rejects.toSatisfy(isAbortError);
});
