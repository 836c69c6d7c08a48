import { abortError } from "../../contract/errors.ts";
import { turnOrRest, type Pause } from "../../contract/turns.ts";
import type { StartedBackend } from "../backends/driver.ts";

/**
 * Makes the pause for one job, to be awaited between its steps. It throws an AbortError once the job is cancelled, and
 * keeps the device at most one step behind: WebGL calls return at once, so that without it a whole model would already
 * be on its way to the GPU when the cancel arrives.
 */
export function createPace({ mark, isLost }: StartedBackend, signal?: AbortSignal): Pause {
  let previousStep = (): boolean => true;
  return async () => {
    const thisStep = mark();
    const begin = performance.now();
    do {
      await turnOrRest(begin);
      if (signal?.aborted) throw abortError();
    } while (!previousStep() && !isLost());
    previousStep = thisStep;
  };
}
