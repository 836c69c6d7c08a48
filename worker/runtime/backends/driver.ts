import type { BackendName } from "../../contract/api.ts";

/** What a started backend tells of itself. */
export type StartedBackend = {
  readonly renderer: string | null; // the GPU's name where the browser tells it
  readonly software: boolean; // WebGL without a GPU behind it
  readonly threads: number; // of wasm's engines
  /** Marks this moment in the device's work; the function returned tells whether the device has come that far. */
  readonly mark: () => () => boolean;
  /** True once the device is gone for good; its answers are then worthless. */
  readonly isLost: () => boolean;
  /** True if memory ran out since the last call; WebGL goes on without it and answers with garbage. */
  readonly ranOutOfMemory: () => boolean;
};

/** One way to run the arithmetic. */
export type BackendDriver = {
  readonly name: BackendName;
  /**
   * Makes this the backend of tfjs. Rejects with the reason where the machine has no such thing.
   * `onLost` is called when the device goes away later.
   */
  start(onLost: (reason: string) => void): Promise<StartedBackend>;
};

/** A backend that has done its work when its call returns. */
export const SYNCHRONOUS: StartedBackend = {
  renderer: null,
  software: false,
  threads: 1,
  mark: () => () => true,
  isLost: () => false,
  ranOutOfMemory: () => false, // these throw
};
