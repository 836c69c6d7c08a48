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

/** The kernels that are steps (assembly/steps.ts, convolve.ts, winograd.ts); threads know them by their places here. */
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
  "convolveTiles",
] as const;

export type StepName = (typeof STEPS)[number];

export type StepKernels = Readonly<Record<StepName, (frame: number, thread: number, layer: number) => void>>;

/** One step of a run; a ViT's blocks have a number. */
export type Step = { readonly name: StepName; readonly frame: number; readonly layer: number };

/**
 * Integers at the start of memory, in the 64 bytes that no address points to, by which threads agree: how many steps there
 * have been, how many are at the present one (0 where it is over), and what it is.
 */
export const CONTROL = { turn: 0, present: 1, name: 2, frame: 3, layer: 4 } as const;

export const controlOf = (memory: WebAssembly.Memory): Int32Array =>
  new Int32Array(memory.buffer, 0, Object.keys(CONTROL).length);

/**
 * How often somebody looks before he goes to sleep: some 0.4 ms, longer than the last task of another mostly takes. To be
 * woken takes up to half as long, and who sleeps when a step begins misses it.
 */
const LOOKS = 60_000;

/**
 * Who took so many tasks in a row at the end of a step was alone with them: whoever called waits for a processor, and
 * gets none while this thread looks out for the next step on the only one they have.
 */
const ALONE = 4;

export function runStep(kernels: StepKernels, thread: number, { name, frame, layer }: Step): void {
  kernels[name](frame, thread, layer);
}

/** Waits without sleeping, for a while. */
export function linger(control: Int32Array, index: number, isOver: (value: number) => boolean): void {
  for (let look = 0; look < LOOKS && !isOver(Atomics.load(control, index)); look++);
}

/** Comes to the present step, unless it is over: what it is does not change while anybody is there. */
function join(control: Int32Array): boolean {
  for (let present = Atomics.load(control, CONTROL.present); present > 0;) {
    const found = Atomics.compareExchange(control, CONTROL.present, present, present + 1);
    if (found === present) return true;
    present = found;
  }
  return false;
}

/** Leaves the step; the last one to do so ends it. */
export function leave(control: Int32Array): void {
  if (Atomics.sub(control, CONTROL.present, 1) === 1) Atomics.notify(control, CONTROL.present);
}

/** Serves until the thread is ended. A step that is over before this thread is awake is done without it. */
export async function serveSteps({ module, memory, thread }: ThreadWork): Promise<never> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = exports as StepKernels & { takenInARow(): number };
  const control = controlOf(memory);
  for (let seen = 0, alone = false; ;) {
    if (!alone) linger(control, CONTROL.turn, (turn) => turn !== seen);
    Atomics.wait(control, CONTROL.turn, seen);
    seen = Atomics.load(control, CONTROL.turn);
    if (!join(control)) continue;
    const step = {
      name: STEPS[control[CONTROL.name]!]!,
      frame: control[CONTROL.frame]!,
      layer: control[CONTROL.layer]!,
    };
    runStep(kernels, thread, step);
    leave(control);
    alone = kernels.takenInARow() >= ALONE;
  }
}
