import { abortError } from "../contract/errors.ts";
import type { StartedBackend } from "./backends/driver.ts";

/** Lets waiting messages in, such as one that cancels this job. A message to oneself comes without a timer's clamp. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Steps quicker than this are waited for in turns; a timer's clamp of 4 ms would cost more than the step. */
const PATIENCE = 2; // milliseconds

/** Leaves the processor to others, such as a GPU in software. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * Makes the pause for one job, to be awaited between its steps. It throws an AbortError once the job is cancelled, and
 * keeps the device at most one step behind: WebGL calls return at once, so that without it a whole model would already
 * be on its way to the GPU when the cancel arrives.
 */
export function createPace({ mark, isLost }: StartedBackend, signal?: AbortSignal): () => Promise<void> {
  let previousStep = (): boolean => true;
  return async () => {
    const thisStep = mark();
    const begin = performance.now();
    do {
      await (performance.now() - begin < PATIENCE ? nextTurn() : rest());
      if (signal?.aborted) throw abortError();
    } while (!previousStep() && !isLost());
    previousStep = thisStep;
  };
}
