import { abortError } from "../contract/errors.ts";

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
    return signal ? abortable(turn, signal) : turn;
  }
}

/** `work`, or an AbortError as soon as the signal says so; `work` itself must notice the signal too. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(abortError());
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
