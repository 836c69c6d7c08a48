import {
  add,
  mul,
  reshape,
  slice,
  stack,
  sub,
  tidy,
  transpose,
  unstack,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { linearRows } from "./linear.ts";
import { runLstmSequence, type Walk } from "./lstm-sequence.ts";
import { emptyRecurrentState, stepRecurrent, type RecurrentCell, type RecurrentState } from "./recurrent-cell.ts";
import { stepMask } from "./step-mask.ts";

export type RecurrentRun = {
  readonly outputs: Tensor3D; // [B, T, D], what the cell told behind each token
  readonly state: RecurrentState; // behind the last token of each row
};

export type RecurrentOptions = {
  readonly start?: RecurrentState | undefined; // zeros where it is left out
  /** Real tokens of each row, the others padding behind them, which leaves the state as it is; all where left out. */
  readonly lengths?: readonly number[] | undefined;
  readonly backwards?: boolean | undefined; // from the last token to the first; outputs stay in the tokens' order
};

/**
 * One cell over a sequence `[B, T, in]`, step by step; the caller owns the results. All inputs are multiplied at once:
 * only the product with the state has to wait for the step before.
 */
export const runRecurrent = (cell: RecurrentCell, sequence: Tensor3D, options: RecurrentOptions = {}): RecurrentRun =>
  tidy(() => {
    const [batch, count, width] = sequence.shape;
    const { start = emptyRecurrentState(cell, batch), lengths, backwards = false } = options;
    const rows: Tensor2D = reshape(transpose(sequence, [1, 0, 2]), [count * batch, width]); // step by step
    const flat = linearRows(cell.input, rows); // [T·B, G·D]
    const fromInputs: Tensor3D = reshape(flat, [count, batch, flat.shape[1]]);
    const order = Array.from({ length: count }, (_, step) => (backwards ? count - 1 - step : step));
    return (cell.kind === "lstm" ? walkLstm : walk)(cell, fromInputs, start, { order, lengths });
  });

function walk(
  cell: RecurrentCell,
  fromInputs: Tensor3D,
  start: RecurrentState,
  { order, lengths }: Walk,
): RecurrentRun {
  const steps = unstack(fromInputs) as Tensor2D[];
  const told: Tensor2D[] = [];
  let { hidden } = start;
  for (const at of order) {
    const after = stepRecurrent(cell, steps[at]!, { hidden }).hidden;
    const real = stepMask(lengths, at);
    hidden = real ? add(hidden, mul(real, sub(after, hidden))) : after;
    told[at] = hidden;
  }
  return { outputs: stack(told, 1) as Tensor3D, state: { hidden } };
}

function walkLstm(
  { recurrent }: RecurrentCell,
  fromInputs: Tensor3D,
  start: RecurrentState,
  steps: Walk,
): RecurrentRun {
  const [count, batch] = fromInputs.shape;
  const size = recurrent.kernel.shape[0];
  const opened = recurrent.bias ? add<Tensor3D>(fromInputs, recurrent.bias) : fromInputs;
  const states = runLstmSequence(opened, recurrent.kernel, { hidden: start.hidden, cell: start.cell! }, steps); // [2T, B, D]
  const last = steps.order.at(-1)!;
  const at = (index: number): Tensor2D => reshape(slice(states, [index, 0, 0], [1, batch, size]), [batch, size]);
  return {
    outputs: transpose(slice(states, 0, [count, batch, size]), [1, 0, 2]),
    state: { hidden: at(last), cell: at(count + last) },
  };
}
