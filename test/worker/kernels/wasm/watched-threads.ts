import { setTimeout } from "node:timers/promises";
import type { StartThread } from "../../../../worker/kernels/wasm/kernel-threads.ts";
import { CONTROL, controlOf } from "../../../../worker/kernels/wasm/serve-steps.ts";

/** A way to start threads, and the moment when so many of them wait for their turn. */
export function watched(start: StartThread, count: number) {
  let memory: WebAssembly.Memory | undefined;
  const watchedStart: StartThread = (work) => {
    ({ memory } = work);
    return start(work);
  };
  /** Who is woken though there is no turn goes back to sleep. */
  const ready = async (): Promise<void> => {
    while (!memory || Atomics.notify(controlOf(memory), CONTROL.turn) < count) await setTimeout(1);
  };
  return { ready, start: watchedStart };
}
