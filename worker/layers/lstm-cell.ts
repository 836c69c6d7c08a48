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

/** input `[B, in]` and the state before → the state after; the caller owns both its tensors. */
export const stepLstm = (layer: LstmCell, input: Tensor2D, { hidden, cell }: LstmState): LstmState =>
  tidy(() => {
    const gates = add<Tensor2D>(linearRows(layer.input, input), linearRows(layer.recurrent, hidden)); // [B, 4D]
    const [write, keep, candidate, tell] = split(gates, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]; // [B, D]
    const after = add<Tensor2D>(mul(sigmoid(keep), cell), mul(sigmoid(write), tanh(candidate)));
    return { hidden: mul<Tensor2D>(sigmoid(tell), tanh(after)), cell: after };
  });
