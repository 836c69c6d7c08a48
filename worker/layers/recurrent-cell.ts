import { add, tanh, tidy, zeros, type Tensor2D } from "@tensorflow/tfjs-core";
import { openGruGates, passGruGates } from "./gru-cell.ts";
import { linearRows, type Linear } from "./linear.ts";
import { openLstmGates, passLstmGates } from "./lstm-cell.ts";

/** "rnn": tanh alone (Elman 1990); "gru": Cho et al. 2014; "lstm": Hochreiter & Schmidhuber 1997. */
export type CellKind = "rnn" | "gru" | "lstm";

/** A recurrent cell as PyTorch has it. Its G gates lie side by side; a plain cell is one gate without a gate's meaning. */
export type RecurrentCell = {
  readonly kind: CellKind;
  readonly input: Linear; // [in, G·D]
  readonly recurrent: Linear; // [D, G·D]
};

export const GATE_COUNTS: Readonly<Record<CellKind, number>> = { rnn: 1, gru: 3, lstm: 4 };

export type RecurrentState = {
  readonly hidden: Tensor2D; // [B, D], what the cell tells
  readonly cell?: Tensor2D; // [B, D], what an LSTM keeps
};

/** The state before the first step; the caller owns it. */
export function emptyRecurrentState({ kind, recurrent }: RecurrentCell, batch: number): RecurrentState {
  const shape: [number, number] = [batch, recurrent.kernel.shape[0]];
  return kind === "lstm" ? { hidden: zeros(shape), cell: zeros(shape) } : { hidden: zeros(shape) };
}

/** What the input comes to, `[B, G·D]`, and the state before → the state after; the caller owns it. */
export const stepRecurrent = (cell: RecurrentCell, fromInput: Tensor2D, before: RecurrentState): RecurrentState =>
  tidy((): RecurrentState => {
    const fromState = linearRows(cell.recurrent, before.hidden); // [B, G·D]
    switch (cell.kind) {
      case "rnn":
        return { hidden: tanh(add(fromInput, fromState)) };
      case "gru":
        return { hidden: passGruGates(openGruGates(fromInput, fromState), before.hidden) };
      case "lstm":
        return passLstmGates(openLstmGates(fromInput, fromState), before.cell!);
    }
  });
