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
export const STEPS = [
  "embed",
  "normBefore",
  "projectQueries",
  "projectKeysValues",
  "packHeads",
  "attend",
  "projectOutput",
  "normAfter",
  "expand",
  "contract",
  "convolve",
] as const;

export type StepName = (typeof STEPS)[number];

export type StepKernels = Readonly<Record<StepName, (frame: number, thread: number, layer: number) => void>>;

/** One step of a run; a ViT's blocks have a number. */
export type Step = { readonly name: StepName; readonly frame: number; readonly layer: number };

/** Integers at the start of memory, by which threads agree: who is not done, the step, and one turn a thread. */
export const CONTROL = { left: 0, name: 1, frame: 2, layer: 3, turns: 4 } as const;

/** How often somebody looks before he goes to sleep: some 15 µs, while to be woken takes 20 or more. */
const LOOKS = 2000;

/** Threads that there are turns for in the 64 bytes that no address points to. */
const MOST_THREADS = 12;

export function runStep(kernels: StepKernels, thread: number, { name, frame, layer }: Step): void {
  kernels[name](frame, thread, layer);
}

/** Waits a little without sleeping, since most waits are shorter than it takes to be woken. */
export function linger(control: Int32Array, index: number, isOver: (value: number) => boolean): void {
  for (let look = 0; look < LOOKS && !isOver(Atomics.load(control, index)); look++);
}

/** Serves until the thread is ended; `ready` is called when its first turn may come. */
export async function serveSteps({ module, memory, thread }: ThreadWork, ready: () => void): Promise<never> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const control = new Int32Array(memory.buffer, 0, CONTROL.turns + MOST_THREADS);
  const turn = CONTROL.turns + thread;
  for (let seen = 0; ; seen++) {
    if (seen === 0) ready();
    linger(control, turn, (turns) => turns !== seen);
    Atomics.wait(control, turn, seen);
    const step = {
      name: STEPS[control[CONTROL.name]!]!,
      frame: control[CONTROL.frame]!,
      layer: control[CONTROL.layer]!,
    };
    runStep(exports as StepKernels, thread, step);
    if (Atomics.sub(control, CONTROL.left, 1) === 1) Atomics.notify(control, CONTROL.left);
  }
}
