import { VisionError } from "../../contract/errors.ts";
import {
  CONTROL,
  controlOf,
  leave,
  linger,
  runStep,
  STEPS,
  type Step,
  type StepKernels,
  type ThreadWork,
} from "./serve-steps.ts";

/** Starts a thread that serves steps. */
export type StartThread = (work: ThreadWork) => { readonly end: () => void };

/** How many threads are worth having on so many processors; beyond four, a step is too little to go round. */
export const usefulThreads = (processors: number): number => Math.min(processors, 4);

/** How long a thread may take for its share of a step before it counts as lost. */
const PATIENCE = 20_000; // milliseconds

/**
 * The threads of one engine beside the one that calls. They sleep between steps, and nobody waits for them to start or to
 * wake up: who calls does the work, and whoever comes while there is some left does his share.
 */
export class KernelThreads {
  readonly #control: Int32Array;
  readonly #started: readonly { readonly end: () => void }[];
  #ended = false;

  /** `count` threads beside this one. */
  constructor(count: number, start: StartThread, module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#control = controlOf(memory);
    this.#started = Array.from({ length: count }, (_, index) => {
      try {
        return start({ module, memory, thread: index + 1 });
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
    if (this.#ended) return runStep(kernels, 0, step);
    const control = this.#control;
    const { name, frame, layer } = step;
    control.set([STEPS.indexOf(name), frame, layer], CONTROL.name);
    Atomics.store(control, CONTROL.present, 1);
    Atomics.add(control, CONTROL.turn, 1);
    Atomics.notify(control, CONTROL.turn);
    runStep(kernels, 0, step);
    leave(control);
    this.#waitForOthers();
  }

  /** Until everybody has left who came. */
  #waitForOthers(): void {
    const control = this.#control;
    const present = (): number => Atomics.load(control, CONTROL.present);
    linger(control, CONTROL.present, (count) => count === 0);
    for (let count = present(); count > 0; count = present()) {
      if (Atomics.wait(control, CONTROL.present, count, PATIENCE) === "timed-out") this.#giveUp();
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
    this.#ended = true;
    for (const { end } of this.#started) end();
  }
}
