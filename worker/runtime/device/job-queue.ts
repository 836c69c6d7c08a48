import { abortable } from "../../contract/abortable.ts";

/** For a job that waits for something else: lets others have the device until then, and comes behind them. */
export type StepAside = (until: Promise<unknown>) => Promise<void>;

/** One device, one queue: jobs run one after another, and a failed or cancelled job never holds up the next. */
export class JobQueue {
  #tail: Promise<void> = Promise.resolve();
  #length = 0;

  /** Jobs waiting or running. */
  get length(): number {
    return this.#length;
  }

  /** Runs `work` when all jobs before it have ended. Aborted while it waits, it rejects at once and never runs. */
  run<T>(work: (stepAside: StepAside) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#turn();
    return abortable(this.#begin(turn, work, signal), signal);
  }

  async #begin<T>(turn: Promise<() => void>, work: (stepAside: StepAside) => Promise<T>, signal?: AbortSignal) {
    let end = await turn;
    let over = false;
    try {
      signal?.throwIfAborted();
      return await work(async (until) => {
        end();
        try {
          await until;
        } finally {
          end = await this.#turn();
          if (over) end(); // the job has ended while it stood aside
        }
      });
    } finally {
      over = true;
      end();
    }
  }

  /** Comes when all turns before it have ended; gives what ends it, once. */
  async #turn(): Promise<() => void> {
    let resolve: () => void;
    let ended = false;
    const before = this.#tail;
    this.#tail = new Promise((end) => (resolve = end));
    this.#length++;
    await before;
    return () => {
      if (ended) return;
      ended = true;
      this.#length--;
      resolve();
    };
  }
}
