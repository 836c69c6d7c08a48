import { VisionError } from "../../contract/errors.ts";
import type { HostArray } from "../../contract/forward.ts";
import type { Engine, EngineRun } from "../engine.ts";
import { KernelThreads } from "./kernel-threads.ts";
import { startKernels, type WasmKernels, type Kernels } from "./kernels.ts";
import { LinearMemory } from "./linear-memory.ts";
import { runStep, type Step } from "./serve-steps.ts";

/** Where an engine computes: a memory, the kernels in it, and the threads that share it. */
export type Machine = {
  readonly kernels: Kernels;
  readonly memory: LinearMemory;
  readonly threads: number; // the one that calls among them
  readonly run: (step: Step) => void;
  readonly end: () => void;
};

/** `mostBytes`: how far memory may grow, where threads share it. Throws `out-of-memory`. */
async function startMachine({ module, threaded }: WasmKernels, mostBytes: number): Promise<Machine> {
  const memory = new LinearMemory(threaded && mostBytes);
  const kernels = await startKernels(module, memory.memory);
  const threads = threaded && new KernelThreads(threaded.threads - 1, threaded.start, module, memory.memory);
  return {
    kernels,
    memory,
    threads: threads?.count ?? 1,
    run: (step) => (threads ? threads.run(kernels, step) : runStep(kernels, 0, step)),
    end: () => threads?.end(),
  };
}

/** An engine on a machine of its own; `place` puts a model there and tells how it runs. One batch runs at a time. */
export async function createWasmEngine<Stage extends string, Run extends EngineRun<Stage>>(
  kernels: WasmKernels,
  mostBytes: number,
  place: (machine: Machine) => Promise<Engine<Stage, Run>["run"]>,
): Promise<Engine<Stage, Run>> {
  const machine = await startMachine(kernels, mostBytes);
  let placed: { readonly machine: Machine; readonly run: Engine<Stage, Run>["run"] } | null;
  try {
    placed = { machine, run: await place(machine) };
  } catch (error) {
    machine.end();
    throw error;
  }
  return {
    run: async (images, run) => {
      if (placed) return placed.run(images, run);
      throw new VisionError("disposed", "The model has been released.");
    },
    bytes: () => placed?.machine.memory.bytes ?? 0,
    release: () => {
      placed?.machine.end();
      placed = null;
    },
  };
}

/** Throws `input-shape` for images of another shape than `[*, height, width, channels]`. */
export function expectImages({ shape }: HostArray, expected: readonly number[]): void {
  if (shape.length === 4 && expected.every((size, axis) => size === shape[axis + 1])) return;
  throw new VisionError("input-shape", `images: expected [*, ${expected.join(", ")}], got [${shape.join(", ")}]`);
}
