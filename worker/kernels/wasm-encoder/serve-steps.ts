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

/** One step of a run; the embedding is layer −1. */
export type Step = { readonly frame: number; readonly layer: number; readonly ahead: boolean };

/** The two kernels that are steps (assembly/steps.ts). */
export type StepKernels = {
  embed(frame: number, thread: number, ahead: number): void;
  encode(frame: number, thread: number, layer: number, ahead: number): void;
};

/** Integers at the start of memory, by which threads agree: who is not done, the step, and one turn a thread. */
export const CONTROL = { left: 0, frame: 1, layer: 2, ahead: 3, turns: 4 } as const;

/** Threads that there are turns for in the 64 bytes that no address points to. */
export const MOST_THREADS = 12;

export function runStep(kernels: StepKernels, thread: number, { frame, layer, ahead }: Step): void {
  if (layer < 0) kernels.embed(frame, thread, Number(ahead));
  else kernels.encode(frame, thread, layer, Number(ahead));
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
      frame: control[CONTROL.frame]!,
      layer: control[CONTROL.layer]!,
      ahead: control[CONTROL.ahead] === 1,
    };
    runStep(exports as StepKernels, thread, step);
    if (Atomics.sub(control, CONTROL.left, 1) === 1) Atomics.notify(control, CONTROL.left);
  }
}
