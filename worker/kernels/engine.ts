import type { HostArray } from "../contract/forward.ts";
import type { Pause } from "../contract/turns.ts";

/** A whole model on one device, without a tensor library between its steps. `Stage`: points that can be read back. */
export type Engine<Stage extends string, Run extends EngineRun<Stage> = EngineRun<Stage>> = {
  /** images `[B, height, width, C]`, normalised, row-major → the stages asked for, as the composed model gives them. */
  run(images: HostArray, run: Run): Promise<Map<Stage, HostArray>>;
  /** Begins what a first run would wait for; of engines that make it wait. */
  readonly warmUp?: () => void;
  /** Bytes the engine holds on its device: weights, and activations of the largest batch so far. */
  readonly bytes: () => number;
  release(): void;
};

export type EngineRun<Stage extends string> = {
  readonly stages: readonly Stage[]; // nothing behind the last of them is computed
  /** Awaited between the steps of a model; throw from it to stop. */
  readonly pause?: Pause | undefined;
};
