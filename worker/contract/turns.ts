/** Awaited between the steps of long work, to let others in; throws an AbortError where the work is to stop. */
export type Pause = () => Promise<void>;

/** Lets waiting messages and events in. A message to oneself comes without a timer's clamp. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

const PATIENCE = 2; // milliseconds

/**
 * Between two looks at what was begun at `begin`, by `performance.now()`: at first in turns, since a timer's clamp of 4 ms
 * would cost more than a short step, then by a timer, which leaves the processor to others, such as a GPU in software.
 */
export const turnOrRest = (begin: number): Promise<void> =>
  performance.now() - begin < PATIENCE ? nextTurn() : new Promise((resolve) => setTimeout(resolve, 1));
