import { abortable } from "../../contract/abortable.ts";

/** Stops a job between two of its steps until it is let go on. */
export type Hold = {
  readonly set: (held: boolean) => void;
  /** Resolves once nothing holds the job; rejects with an AbortError when it is cancelled meanwhile. */
  readonly released: (signal: AbortSignal) => Promise<void>;
};

export function createHold(): Hold {
  let gate = Promise.resolve();
  let open: (() => void) | null = null;
  return {
    set(held) {
      if (held && !open) gate = new Promise((resolve) => (open = resolve));
      if (held || !open) return;
      open();
      open = null;
    },
    released: (signal) => abortable(gate, signal),
  };
}
