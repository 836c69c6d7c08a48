import { memory } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { WEIGHTS_FILE } from "../../../../worker/checkpoint/weight-files.ts";
import { readSafetensors, writeSafetensors } from "../../../../worker/checkpoint/safetensors.ts";
import type { BackendName } from "../../../../worker/contract/api.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import type { Progress } from "../../../../worker/contract/progress.ts";
import { measureEngines } from "../../../../worker/runtime/placed/engines.ts";
import { Session } from "../../../../worker/runtime/session.ts";
import { goldenFolder } from "../../../setup/golden.ts";
import { attentionCnnFiles } from "../../checkpoint/attention-cnn-folder.ts";
import { memoryFolder } from "../../checkpoint/scheme-folder.ts";
import { answerOf } from "../answer-of.ts";
import { arrivingFolder } from "../arriving-folder.ts";
import { gpt2Folder, ownFolder } from "../captioner/captioner-folders.ts";

const host = { drivers: nodeBackends, decode: () => Promise.reject(new Error("no pictures here")) };

let session: Session | null = null;
afterEach(() => session?.dispose());

async function start(backend: BackendName = "wasm"): Promise<Session> {
  return (session = await Session.start(host, backend, () => undefined));
}

/** On a device whose memory runs out whenever `isFull` says so. */
async function startSmall(isFull: () => boolean): Promise<Session> {
  const drivers = nodeBackends.map((driver) => ({
    ...driver,
    start: async (onLost: (reason: string) => void) => ({ ...(await driver.start(onLost)), ranOutOfMemory: isFull }),
  }));
  return (session = await Session.start({ ...host, drivers }, "wasm", () => undefined));
}

/** Reads that a load has told of, of how many in all; only those after the last byte are told. */
const readBefore = (told: readonly Progress[]): number => told.find(({ stage }) => stage === "prepare")?.loaded ?? 0;

const FOLDERS: Readonly<Record<string, () => ModelFolder | Promise<ModelFolder>>> = {
  "a Vision Transformer": () => goldenFolder("vit-hf"),
  "an attention CNN": async () => memoryFolder(await attentionCnnFiles("scaled"), "scaled"),
  "a captioner": () => ownFolder("transformer"),
  "a captioner of Hugging Face's": () => gpt2Folder(),
};

describe.each(Object.entries(FOLDERS))("%s whose weights come bit by bit", (_, open) => {
  test.each(["wasm", "cpu"] as const)("answers on %s as one that was there", async (backend) => {
    const running = await start(backend);
    const before = running.status().memory;
    await running.load(1, await open());
    const there = running.status().memory;
    const wanted = await answerOf(running, 1);
    await running.unload(1);
    const slow = await arrivingFolder(await open());
    const told: Progress[] = [];
    const loading = running.load(2, slow.folder, { onProgress: (progress) => void told.push(progress) });
    await slow.asked;
    for (let step = 1; step <= 40; step++) {
      slow.come(Math.floor((slow.total * step) / 40));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(running.status().models).toEqual([]); // the checksum is still to come
    await vi.waitFor(() => expect(running.status().queued).toBe(0)); // and all else is done
    expect(told).toEqual([]);
    slow.end();
    await loading;
    expect(told.at(-1)).toMatchObject({ stage: "prepare", loaded: told.at(-1)!.total });
    expect(running.status().memory).toEqual(there);
    expect(await answerOf(running, 2)).toEqual(wanted);
    await running.unload(2);
    expect(running.status().memory).toEqual(before);
  });
});

/** The same weights, the last first. */
async function backwards(folder: ModelFolder): Promise<ModelFolder> {
  const tensors = readSafetensors((await folder.read(WEIGHTS_FILE))!);
  const weights = writeSafetensors(new Map([...tensors].reverse()));
  return { ...folder, read: (path) => (path === WEIGHTS_FILE ? Promise.resolve(weights) : folder.read(path)) };
}

describe("while weights come", () => {
  test("all blocks are placed before the last byte, and another model answers in between", async () => {
    const running = await start();
    await running.load(1, goldenFolder("vit-hf"));
    const wanted = await answerOf(running, 1);
    const slow = await arrivingFolder(await backwards(goldenFolder("vit-hf")));
    const told: Progress[] = [];
    const loading = running.load(2, slow.folder, { onProgress: (progress) => void told.push(progress) });
    await slow.asked;
    slow.come(slow.total - 1);
    await vi.waitFor(() => expect(running.status().queued).toBe(0)); // it has stepped aside
    expect(await answerOf(running, 1)).toEqual(wanted);
    slow.come(slow.total);
    slow.end();
    await loading;
    const inBlocks = 3 * (4 * 48 * 48 + 2 * 48 * 96);
    expect(readBefore(told)).toBeGreaterThan(inBlocks);
  });

  test("what fails at last leaves nothing, and the next load works", async () => {
    const running = await start();
    const before = { ...running.status(), tensors: memory().numTensors };
    for (const part of [0.5, 1]) {
      const slow = await arrivingFolder(goldenFolder("vit-hf"));
      const loading = running.load(1, slow.folder);
      await slow.asked;
      slow.come(Math.floor(slow.total * part));
      slow.fail(new VisionError("source-checksum", "other bytes"));
      await expect(loading).rejects.toMatchObject({ code: "source-checksum" });
      expect({ ...running.status(), tensors: memory().numTensors }).toEqual(before);
    }
    await running.load(1, goldenFolder("vit-hf"));
    expect(await answerOf(running, 1)).toHaveLength(17 * 48);
  });

  test("a load can be cancelled, and leaves nothing", async () => {
    const running = await start();
    const before = running.status();
    for (const part of [0.1, 0.6, 1]) {
      const slow = await arrivingFolder(goldenFolder("vit-hf"));
      const stop = new AbortController();
      const loading = running.load(1, slow.folder, { signal: stop.signal });
      await slow.asked;
      slow.come(Math.floor(slow.total * part));
      await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort();
      await expect(loading).rejects.toMatchObject({ name: "AbortError" });
      await vi.waitFor(() => expect(running.status()).toEqual(before));
    }
  });

  test("a session disposed meanwhile leaves nothing of it", async () => {
    const running = await start();
    const slow = await arrivingFolder(goldenFolder("vit-hf"));
    const loading = running.load(1, slow.folder);
    await slow.asked;
    slow.come(Math.floor(slow.total / 2));
    await new Promise((resolve) => setTimeout(resolve, 5));
    running.dispose();
    slow.come(slow.total);
    slow.end();
    await expect(loading).rejects.toMatchObject({ code: "disposed" });
    expect(running.status().models).toEqual([]);
    await vi.waitFor(() => expect(measureEngines().bytes).toBe(0));
  });

  test("what fails last is told where the device runs out of memory before that", async () => {
    const running = await startSmall(() => true);
    for (const ending of ["out-of-memory", "source-checksum"] as const) {
      const slow = await arrivingFolder(goldenFolder("vit-hf"));
      const loading = running.load(1, slow.folder);
      await slow.asked;
      slow.come(Math.floor(slow.total / 20)); // no block is there; the placing ends as it steps aside
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (ending === "source-checksum") slow.fail(new VisionError(ending, "other bytes"));
      else slow.come(slow.total);
      slow.end();
      await expect(loading).rejects.toMatchObject({ code: ending });
    }
    await new Promise((resolve) => setTimeout(resolve, 5)); // what nobody has waited for would be told by now
  });

  test("a download that begins anew, with other weights, gives a model of those", async () => {
    const running = await start();
    const folder = goldenFolder("vit-hf");
    const slow = await arrivingFolder(await backwards(folder));
    const loading = running.load(1, slow.folder);
    await slow.asked;
    slow.come(slow.total - 1);
    slow.beginAnew((await folder.read(WEIGHTS_FILE)) as Uint8Array<ArrayBuffer>);
    slow.come(5000);
    slow.come(slow.total);
    slow.end();
    await loading;
    await running.load(2, folder);
    expect(await answerOf(running, 1)).toEqual(await answerOf(running, 2));
  });
});

test("where memory runs out behind the last step, nothing of the model is left", async () => {
  let isFull = true;
  const running = await startSmall(() => isFull);
  await expect(running.load(1, goldenFolder("vit-hf"))).rejects.toMatchObject({ code: "out-of-memory" });
  expect(measureEngines().bytes).toBe(0);
  isFull = false;
  await running.load(1, goldenFolder("vit-hf"));
  expect(measureEngines().bytes).toBeGreaterThan(0);
});
