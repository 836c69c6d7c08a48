import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createWasmEncoder } from "../../../../worker/kernels/wasm-encoder/create-wasm-encoder.ts";
import { fieldAt, layOutRun, prepareStep } from "../../../../worker/kernels/wasm-encoder/encoder-frame.ts";
import { CONTROL, controlOf } from "../../../../worker/kernels/wasm/serve-steps.ts";
import { KernelThreads, type StartThread } from "../../../../worker/kernels/wasm/kernel-threads.ts";
import { startKernels } from "../../../../worker/kernels/wasm/kernels.ts";
import { LinearMemory } from "../../../../worker/kernels/wasm/linear-memory.ts";
import { placeParameters } from "../../../../worker/kernels/wasm-encoder/place-parameters.ts";
import { readRows } from "../../../../worker/kernels/wasm/rows.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { ONE_THREAD, THREADED } from "./builds.ts";
import { drawImages, drawParameters, smallVit } from "../random-vit.ts";
import { watched } from "./watched-threads.ts";

const CONFIG = smallVit({ imageSize: { width: 48, height: 48 }, layers: 3 }); // 145 tokens
const IMAGES = drawImages(CONFIG, 2, 1);
const read = drawParameters(CONFIG, 1);

afterEach(() => vi.restoreAllMocks());

/** How the tasks of a step go round, which steps alone call otherwise. */
type TaskKernels = { takeTask(next: number): number; takenInARow(): number };

function untilSo(isSo: () => boolean): void {
  while (!isSo());
}

describe.each(THREADED)("threads on the build $name", ({ name, module, threaded }) => {
  const { threads: count, start } = threaded!;
  const alone = ONE_THREAD.find((build) => `${build.name}-threads` === name)!;

  test("give the numbers of one thread, to the last bit, from before they are ready on", async () => {
    const stages = ["tokens", "blocks.1.attention", "encoded", "logits"] as const;
    const wanted = await (await createWasmEncoder(CONFIG, read, alone)).run(IMAGES, { stages });
    const { ready, start: watchedStart } = watched(start, count - 1);
    const engine = await createWasmEncoder(CONFIG, read, { module, threaded: { threads: count, start: watchedStart } });
    for (let run = 0; run < 20; run++) {
      if (run === 1) await ready();
      const answers = await engine.run(IMAGES, { stages });
      for (const stage of stages) {
        expect(maxDifference(answers.get(stage)!.values, wanted.get(stage)!.values), `${stage}, run ${run}`).toBe(0);
      }
    }
    engine.release();
  });

  test.each([
    [2, 1],
    [8, 8],
  ])("%i of them answer a batch of %i as one does, each photo by its class token alone", async (all, batch) => {
    const images = drawImages(CONFIG, batch, 2);
    const wanted = await (await createWasmEncoder(CONFIG, read, alone)).run(images, { stages: ["encoded", "logits"] });
    const { ready, start: watchedStart } = watched(start, all - 1);
    const engine = await createWasmEncoder(CONFIG, read, { module, threaded: { threads: all, start: watchedStart } });
    await ready();
    for (let run = 0; run < 5; run++) {
      const answers = await engine.run(images, { stages: ["logits"] });
      expect(answers.get("logits")!.values).toEqual(wanted.get("logits")!.values);
    }
    engine.release();
  });

  test("know how many tasks they took without another taking one, whatever the order", async () => {
    const memory = new LinearMemory(2 ** 20);
    const next = memory.take(4);
    const instances = await Promise.all(
      [0, 1, 2].map(async () => (await startKernels(module, memory.memory)) as unknown as TaskKernels),
    );
    let first = 0;
    const turns = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(turns, (takers) => {
        memory.integers(next, 1)[0] = first += 1000; // no thread took the one before
        takers.forEach((taker, at) => expect(instances[taker]!.takeTask(next)).toBe(first + at));
        const last = takers.at(-1)!;
        expect(instances[last]!.takenInARow()).toBe(takers.length - 1 - takers.findLastIndex((of) => of !== last));
      }),
    );
  });

  test("do all the work where the one that calls does none", async () => {
    const memory = new LinearMemory(2 ** 26);
    const kernels = await startKernels(module, memory.memory);
    const parameters = await placeParameters(CONFIG, read, kernels, memory);
    const frame = layOutRun(CONFIG, parameters, memory, 2, false, count);
    memory.floats(frame.images, IMAGES.values.length).set(IMAGES.values);
    prepareStep(memory, frame.address);
    const { ready, start: watchedStart } = watched(start, count - 1);
    const threads = new KernelThreads(count - 1, watchedStart, module, memory.memory);
    await ready();
    const taken = memory.integers(fieldAt(frame.address, "next"), 1);
    const idle = { ...kernels, embed: () => untilSo(() => Atomics.load(taken, 0) > 0) }; // somebody else has come
    threads.run(idle, { name: "embed", frame: frame.address, layer: -1 });
    const engine = await createWasmEncoder(CONFIG, read, alone);
    const wanted = (await engine.run(IMAGES, { stages: ["tokens"] })).get("tokens")!;
    expect(readRows(memory, frame.states, 2 * frame.tokens, frame.width)).toEqual(wanted.values);
    threads.end();
  });

  test("that never start are not waited for", async () => {
    const never: StartThread = () => ({ end: () => undefined });
    const engine = await createWasmEncoder(CONFIG, read, { module, threaded: { threads: count, start: never } });
    expect((await engine.run(IMAGES, { stages: ["logits"] })).get("logits")!.shape).toEqual([2, 10]);
  });

  test("that are refused are done without", async () => {
    const refused: StartThread = () => {
      throw new Error("no threads here");
    };
    const engine = await createWasmEncoder(CONFIG, read, { module, threaded: { threads: count, start: refused } });
    expect((await engine.run(IMAGES, { stages: ["logits"] })).get("logits")!.shape).toEqual([2, 10]);
    engine.release();
  });

  test("that end before their time are done without", async () => {
    const failing: StartThread = (work) => {
      const thread = start(work);
      thread.end();
      return thread;
    };
    const engine = await createWasmEncoder(CONFIG, read, { module, threaded: { threads: count, start: failing } });
    expect((await engine.run(IMAGES, { stages: ["logits"] })).get("logits")!.shape).toEqual([2, 10]);
  });

  test("that are lost in mid-step fail that run, and later ones do without", async () => {
    const ended = vi.fn();
    let control: Int32Array = new Int32Array();
    const mute: StartThread = ({ memory }) => {
      control = controlOf(memory);
      return { end: ended };
    };
    vi.spyOn(Atomics, "notify").mockImplementationOnce(() => Atomics.add(control, CONTROL.present, 1)); // comes, and stays
    const engine = await createWasmEncoder(CONFIG, read, { module, threaded: { threads: count, start: mute } });
    vi.spyOn(Atomics, "wait").mockReturnValue("timed-out"); // or the test would sleep through the engine's patience
    await expect(engine.run(IMAGES, { stages: ["logits"] })).rejects.toMatchObject({ code: "internal" });
    expect(ended).toHaveBeenCalledTimes(count - 1);
    expect((await engine.run(IMAGES, { stages: ["logits"] })).get("logits")!.shape).toEqual([2, 10]);
  });

  test("end with their engine, also where it does not come about", async () => {
    const ended = vi.fn();
    const counting: StartThread = () => ({ end: ended });
    const kernels = { module, threaded: { threads: count, start: counting } };
    (await createWasmEncoder(CONFIG, read, kernels)).release();
    expect(ended).toHaveBeenCalledTimes(count - 1);
    const stop = () => Promise.reject(new Error("stop"));
    await expect(createWasmEncoder(CONFIG, read, kernels, stop)).rejects.toThrow("stop");
    expect(ended).toHaveBeenCalledTimes(2 * (count - 1));
  });
});
