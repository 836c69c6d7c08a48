import { VisionError } from "../../worker/contract/errors.ts";
import type { VisionOptions } from "./vision.ts";

/** Starts a worker; may be called again after a crash. */
export type StartWorker = () => Worker;

/** The worker that is shipped beside this file. Bundlers look for exactly this expression. */
const startShipped: StartWorker = () =>
  new Worker(new URL("../../worker/main.js", import.meta.url), { type: "module" });

/** The caller's choice of worker as something that can be started. */
export function workerStarter(choice: VisionOptions["worker"]): StartWorker {
  if (choice === undefined) return startShipped;
  if (typeof choice === "function") return choice;
  if (choice instanceof Worker) return onlyOnce(choice);
  return () => new Worker(choice, { type: "module" });
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
