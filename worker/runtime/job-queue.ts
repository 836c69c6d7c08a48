import { abortable } from "../contract/abortable.ts";

/** One device, one queue: jobs run one after another, and a failed or cancelled job never holds up the next. */
export class JobQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #length = 0;

  /** Jobs waiting or running. */
  get length(): number {
    return this.#length;
  }

  /** Runs `work` when all jobs before it have ended. Aborted while it waits, it rejects at once and never runs. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#length++;
    const turn = this.#tail.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    const settled = turn.catch(() => undefined).then(() => void this.#length--);
    this.#tail = settled;
    return abortable(turn, signal);
  }
}
