import { concat, tidy, type Tensor3D } from "@tensorflow/tfjs-core";
import type { RecurrentCell, RecurrentState } from "./recurrent-cell.ts";
import { runRecurrent } from "./run-recurrent.ts";

/** One layer of a recurrent network, in one direction or in both (Schuster & Paliwal 1997). */
export type RecurrentLayer = {
  readonly forwards: RecurrentCell;
  readonly backwards: RecurrentCell | null;
};

export type StackRun = {
  readonly outputs: Tensor3D; // [B, T, D], or [B, T, 2D] of both directions side by side
  /** Behind the sequence: of each layer, forwards and then backwards, as PyTorch orders them. */
  readonly states: RecurrentState[];
};

export type StackOptions = {
  readonly starts?: readonly RecurrentState[] | undefined; // in the order of `states`; zeros where left out
  readonly lengths?: readonly number[] | undefined; // real tokens of each row
  /** What happens to the input of every layer: dropout in training. */
  readonly onInput?: ((features: Tensor3D) => Tensor3D) | undefined;
};

/** sequence `[B, T, in]` through one layer after another; the caller owns the results. */
export const runStack = (layers: readonly RecurrentLayer[], sequence: Tensor3D, options: StackOptions = {}): StackRun =>
  tidy(() => {
    const { starts, lengths, onInput = (features: Tensor3D) => features } = options;
    const states: RecurrentState[] = [];
    let outputs = sequence;
    for (const { forwards, backwards } of layers) {
      const input = onInput(outputs);
      const there = runRecurrent(forwards, input, { lengths, start: starts?.[states.length] });
      states.push(there.state);
      outputs = there.outputs;
      if (!backwards) continue;
      const back = runRecurrent(backwards, input, { lengths, start: starts?.[states.length], backwards: true });
      states.push(back.state);
      outputs = concat([there.outputs, back.outputs], 2);
    }
    return { outputs, states };
  });
