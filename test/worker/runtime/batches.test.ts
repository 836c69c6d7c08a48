import { memory } from "@tensorflow/tfjs-core";
import { afterEach, expect, test, vi } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import type { BackendDriver } from "../../../worker/runtime/backends/driver.ts";
import { Session } from "../../../worker/runtime/session.ts";
import { goldenFolder } from "../../setup/golden.ts";

const picture: RgbImage = { width: 8, height: 8, data: new Uint8Array(192).fill(7) };

/** A device that stands still while it is held, and a decoder that is told from outside when a picture is done. */
function slowParts() {
  const parts = {
    held: false,
    decoding: 0,
    most: 0,
    begun: [] as string[],
    stopped: 0,
    decode: () => Promise.resolve(),
  };
  const drivers = nodeBackends.map((driver): BackendDriver => ({
    ...driver,
    start: async (onLost) => ({ ...(await driver.start(onLost)), mark: () => () => !parts.held }),
  }));
  const decode = async (image: unknown, signal?: AbortSignal): Promise<RgbImage> => {
    parts.begun.push(String(image));
    parts.most = Math.max(parts.most, ++parts.decoding);
    await parts.decode();
    parts.decoding -= 1;
    if (signal?.aborted) parts.stopped += 1;
    return picture;
  };
  return { parts, host: { drivers, decode } };
}

let session: Session | null = null;
afterEach(() => session?.dispose());

async function start() {
  const { parts, host } = slowParts();
  session = await Session.start(host, "wasm", () => undefined);
  await session.load(1, goldenFolder("vit-hf"));
  return { parts, running: session };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
};

test("while the device has a batch, the next is decoded, one picture at a time, and no more than that", async () => {
  const { parts, running } = await start();
  parts.held = true;
  const progress: number[] = [];
  const call = running.classify(
    names(40),
    { model: 1, topK: 1 },
    { onProgress: ({ loaded }) => void progress.push(loaded) },
  );
  await vi.waitFor(() => expect(parts.begun).toHaveLength(16));
  await turns();
  expect(parts.begun).toEqual(names(16));
  expect([progress, parts.most]).toEqual([[], 1]);
  parts.held = false;
  expect(await call).toHaveLength(40);
  expect(progress).toEqual([8, 16, 24, 32, 40]);
  expect(parts.begun).toEqual(names(40));
  expect(parts.most).toBe(1);
});

test("two calls share the two: the second's pictures are decoded while the device has the first", async () => {
  const { parts, running } = await start();
  parts.held = true;
  const calls = ["first", "second"].map((name) => running.classify([name], { model: 1, topK: 1 }));
  await vi.waitFor(() => expect(parts.begun).toEqual(["first", "second"]));
  expect(running.status().queued).toBe(2);
  parts.held = false;
  await Promise.all(calls);
});

test("cancelled in the middle, both stop and leave nothing", async () => {
  const { parts, running } = await start();
  const baseline = memory().numTensors;
  let decoded = (): void => undefined;
  parts.held = true;
  parts.decode = () => (parts.begun.length <= 10 ? Promise.resolve() : new Promise((resolve) => (decoded = resolve)));
  const stop = new AbortController();
  const call = running.classify(names(40), { model: 1, topK: 1 }, { signal: stop.signal });
  await vi.waitFor(() => expect(parts.begun).toHaveLength(11)); // eight on the device, the eleventh in the decoder
  stop.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
  decoded();
  await vi.waitFor(() => expect(running.status().queued).toBe(0));
  await turns();
  expect([parts.begun.length, parts.stopped, parts.decoding]).toEqual([11, 1, 0]);
  expect(memory().numTensors).toBe(baseline);
  parts.held = false;
  parts.decode = () => Promise.resolve();
  expect(await running.classify(["next"], { model: 1, topK: 1 })).toHaveLength(1);
});

test("a batch that fails on the device stops the decoder as well", async () => {
  const { parts, running } = await start();
  parts.held = true;
  let decoded = (): void => undefined;
  parts.decode = () => (parts.begun.length <= 9 ? Promise.resolve() : new Promise((resolve) => (decoded = resolve)));
  const call = running.classify(
    names(40),
    { model: 1, topK: 1 },
    {
      onProgress: () => {
        throw new Error("enough");
      },
    },
  );
  const outcome = expect(call).rejects.toThrow("enough");
  await vi.waitFor(() => expect(parts.begun).toHaveLength(10));
  parts.held = false;
  await outcome;
  decoded();
  await turns();
  expect([parts.begun.length, parts.stopped]).toEqual([10, 1]);
});

test("pictures that are given when their turn comes are asked for no earlier", async () => {
  const { parts, running } = await start();
  const asked: number[] = [];
  const givers = names(30).map((name, at) => async () => (asked.push(at), name));
  parts.held = true;
  const call = running.classify(givers, { model: 1, topK: 1 });
  await vi.waitFor(() => expect(asked).toHaveLength(16));
  await turns();
  expect(asked).toHaveLength(16);
  parts.held = false;
  expect(await call).toHaveLength(30);
  expect(parts.begun).toEqual(names(30));
});

test("a picture that never comes holds up nobody once its own call is cancelled", async () => {
  const { running } = await start();
  const stop = new AbortController();
  const never = () => new Promise<never>(() => undefined);
  const first = running.classify([never], { model: 1, topK: 1 }, { signal: stop.signal });
  const second = running.classify(["2"], { model: 1, topK: 1 });
  stop.abort();
  await expect(first).rejects.toMatchObject({ name: "AbortError" });
  expect(await second).toHaveLength(1);
});
