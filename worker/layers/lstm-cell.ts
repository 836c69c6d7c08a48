import { add, mul, sigmoid, split, tanh, tidy, type Tensor2D } from "@tensorflow/tfjs-core";
import { linearRows, type Linear } from "./linear.ts";

/** Long short-term memory (Hochreiter & Schmidhuber 1997) as PyTorch's `nn.LSTMCell` has it: gates i, f, g, o. */
export type LstmCell = {
  readonly input: Linear; // [in, 4D]
  readonly recurrent: Linear; // [D, 4D]
};

export type LstmState = {
  readonly hidden: Tensor2D; // [B, D], what the cell tells
  readonly cell: Tensor2D; // [B, D], what it keeps
};

/** How far the cell's gates stand open, 0 to 1, and what it would write, -1 to 1; `[B, D]` each. */
export type LstmGates = {
  readonly write: Tensor2D; // i, the input gate
  readonly keep: Tensor2D; // f, the forget gate
  readonly candidate: Tensor2D; // g
  readonly tell: Tensor2D; // o, the output gate
};

/** What the input and the state before come to, `[B, 4D]` each → the gates; the caller owns them. */
export const openLstmGates = (fromInput: Tensor2D, fromState: Tensor2D): LstmGates =>
  tidy(() => {
    const gates = add<Tensor2D>(fromInput, fromState); // [B, 4D]
    const [write, keep, candidate, tell] = split(gates, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]; // [B, D]
    return { write: sigmoid(write), keep: sigmoid(keep), candidate: tanh(candidate), tell: sigmoid(tell) };
  });

/** What was kept `[B, D]` passes the gates; the caller owns both tensors of the state after. */
export const passLstmGates = ({ write, keep, candidate, tell }: LstmGates, cell: Tensor2D): LstmState =>
  tidy(() => {
    const after = add<Tensor2D>(mul(keep, cell), mul(write, candidate));
    return { hidden: mul<Tensor2D>(tell, tanh(after)), cell: after };
  });

/** input `[B, in]` and the state before → the state after; the caller owns both its tensors. */
export const stepLstm = (layer: LstmCell, input: Tensor2D, { hidden, cell }: LstmState): LstmState =>
  tidy(() => passLstmGates(openLstmGates(linearRows(layer.input, input), linearRows(layer.recurrent, hidden)), cell));
