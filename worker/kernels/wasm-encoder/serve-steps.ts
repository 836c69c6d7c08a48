/**
 * What a thread of the kernels does: waits for its turn, does its share of a step, and says so. Without imports, since
 * in Node it is compiled by itself (tools/compile-kernels.ts).
 */

/** What a thread works on; it goes to the thread by message. */
export type ThreadWork = {
  readonly module: WebAssembly.Module; // built for shared memory
  readonly memory: WebAssembly.Memory;
  readonly thread: number; // from 1; whoever hands out the steps is 0
};

/** The kernels that are steps (assembly/steps.ts, assembly/convolve.ts); threads know them by their places here. */
export const STEPS = ["embed", "encode", "convolve", "attendOverMap"] as const;

type StepName = (typeof STEPS)[number];

export type StepKernels = Readonly<
  Record<StepName, (frame: number, thread: number, ahead: number, layer: number) => void>
>;

/** One step of a run; a ViT's blocks have a number, and go ahead to the next one's projections or not. */
export type Step = {
  readonly name: StepName;
  readonly frame: number;
  readonly ahead: boolean;
  readonly layer: number;
};

/** Integers at the start of memory, by which threads agree: who is not done, the step, and one turn a thread. */
export const CONTROL = { left: 0, name: 1, frame: 2, ahead: 3, layer: 4, turns: 5 } as const;

/** Threads that there are turns for in the 64 bytes that no address points to. */
const MOST_THREADS = 11;

export function runStep(kernels: StepKernels, thread: number, { name, frame, ahead, layer }: Step): void {
  kernels[name](frame, thread, Number(ahead), layer);
}

/** Serves until the thread is ended; `ready` is called when its first turn may come. */
export async function serveSteps({ module, memory, thread }: ThreadWork, ready: () => void): Promise<never> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const control = new Int32Array(memory.buffer, 0, CONTROL.turns + MOST_THREADS);
  const turn = CONTROL.turns + thread;
  for (let seen = 0; ; seen++) {
    if (seen === 0) ready();
    Atomics.wait(control, turn, seen);
    const step = {
      name: STEPS[control[CONTROL.name]!]!,
      frame: control[CONTROL.frame]!,
      ahead: control[CONTROL.ahead] === 1,
      layer: control[CONTROL.layer]!,
    };
    runStep(exports as StepKernels, thread, step);
    if (Atomics.sub(control, CONTROL.left, 1) === 1) Atomics.notify(control, CONTROL.left);
  }
}
