import type { ReadonlySignal } from "@preact/signals";

/** Shows one thing after another for as long as it plays. */
export type Player = {
  readonly playing: ReadonlySignal<boolean>;
  readonly toggle: () => void;
  /** One on, after the last the first. */
  readonly step: () => void;
  readonly dispose: () => void;
};
