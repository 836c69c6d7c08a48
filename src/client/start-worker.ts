import { VisionError } from "../../worker/contract/errors.ts";
import type { VisionOptions } from "./vision.ts";

/** Starts a worker; may be called again after a crash. */
export type StartWorker = () => Worker;

/** The worker that is shipped beside this file. Bundlers look for exactly this expression. */
const startShipped: StartWorker = () =>
  new Worker(new URL("../../worker/main.js", import.meta.url), { type: "module" });

/** The caller's choice of worker as something that can be started. What stands in the way is `worker-failed-to-start`. */
export function workerStarter(choice: VisionOptions["worker"]): StartWorker {
  const start = chosenStarter(choice);
  return () => {
    try {
      return start();
    } catch (cause) {
      if (cause instanceof VisionError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new VisionError("worker-failed-to-start", `The worker could not be started: ${reason}`, { cause });
    }
  };
}

function chosenStarter(choice: VisionOptions["worker"]): StartWorker {
  if (choice === undefined) return startShipped;
  if (typeof choice === "function") return () => expectWorker(choice());
  if (typeof Worker !== "undefined" && choice instanceof Worker) return onlyOnce(choice);
  return () => new Worker(choice as string | URL, { type: "module" });
}

/** Callers without types may return anything. */
function expectWorker(started: unknown): Worker {
  if (started instanceof Worker) return started;
  throw new VisionError(
    "worker-failed-to-start",
    `worker: expected the function to return a Worker, got ${String(started)}`,
  );
}

/** A worker that the caller started cannot be started again by us. */
function onlyOnce(worker: Worker): StartWorker {
  let used = false;
  return () => {
    if (used) {
      throw new VisionError(
        "worker-crashed",
        "The worker has ended; pass its URL, or a function, to have it restarted.",
      );
    }
    used = true;
    return worker;
  };
}
