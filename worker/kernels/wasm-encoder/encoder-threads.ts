import { VisionError } from "../../contract/errors.ts";
import { CONTROL, linger, runStep, STEPS, type Step, type StepKernels, type ThreadWork } from "./serve-steps.ts";

/** Starts a thread that serves steps; `onReady` and `onEnd` tell when it does so, and no longer. */
export type StartThread = (work: ThreadWork, onReady: () => void, onEnd: () => void) => { readonly end: () => void };

/** How many threads are worth having on so many processors; beyond four, a step is too little to go round. */
export const usefulThreads = (processors: number): number => Math.min(processors, 4);

/** How long a thread may take for its share of a step before it counts as lost. */
const PATIENCE = 20_000; // milliseconds

/**
 * The threads of one engine beside the one that calls. They sleep between steps, and nobody waits for them to start: a
 * step is shared with those that are ready, and runs here alone where none is.
 */
export class EncoderThreads {
  readonly #memory: WebAssembly.Memory;
  readonly #started: readonly { readonly end: () => void }[];
  readonly #ready = new Set<number>();

  /** `count` threads beside this one. */
  constructor(count: number, start: StartThread, module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#started = Array.from({ length: count }, (_, index) => {
      const thread = index + 1;
      const onReady = (): void => void this.#ready.add(thread);
      try {
        return start({ module, memory, thread }, onReady, () => this.#ready.delete(thread));
      } catch {
        return { end: () => undefined }; // a host that refuses threads has one all the same
      }
    });
  }

  /** All threads, this one among them. */
  get count(): number {
    return 1 + this.#started.length;
  }

  /** Runs one step to its end. Throws `internal` where a thread is lost on the way; later steps do without. */
  run(kernels: StepKernels, step: Step): void {
    const { name, frame, layer } = step;
    const control = new Int32Array(this.#memory.buffer, 0, CONTROL.turns);
    const turns = new Int32Array(this.#memory.buffer, CONTROL.turns * 4);
    control.set([this.#ready.size, STEPS.indexOf(name), frame, layer]);
    for (const thread of this.#ready) {
      Atomics.add(turns, thread, 1);
      Atomics.notify(turns, thread);
    }
    runStep(kernels, 0, step);
    linger(control, CONTROL.left, (left) => left === 0);
    for (let left = Atomics.load(control, 0); left > 0; left = Atomics.load(control, 0)) {
      if (Atomics.wait(control, CONTROL.left, left, PATIENCE) === "timed-out") this.#giveUp();
    }
  }

  #giveUp(): never {
    this.end();
    throw new VisionError(
      "internal",
      `A thread did not answer within ${PATIENCE / 1000} s; the model goes on with one.`,
    );
  }

  end(): void {
    this.#ready.clear();
    for (const { end } of this.#started) end();
  }
}
