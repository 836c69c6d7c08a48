import {
  add,
  concat,
  customGrad,
  matMul,
  mul,
  square,
  stack,
  sub,
  tanh,
  transpose,
  unstack,
  zerosLike,
  type GradSaveFunc,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { openLstmGates, passLstmGates, type LstmState } from "./lstm-cell.ts";
import { stepMask } from "./step-mask.ts";

/** The steps of a sequence in the order they are taken, and how many tokens each row has; all where left out. */
export type Walk = {
  readonly order: readonly number[];
  readonly lengths: readonly number[] | undefined;
};

/** What a step leaves for the way back, `[B, D]` each. */
type Trace = readonly [
  write: Tensor2D,
  keep: Tensor2D,
  candidate: Tensor2D,
  tell: Tensor2D,
  bent: Tensor2D, // tanh of the cell
  hiddenBefore: Tensor2D,
  cellBefore: Tensor2D,
];

const KEPT = 7; // tensors in a trace

/**
 * An LSTM over what its inputs come to, `[T, B, 4D]` with all biases, by its recurrent kernel `[D, 4D]`. Gives the state
 * behind each token, all hidden ones and then all cells, `[2T, B, D]`; the caller's own.
 *
 * The way back is written out. Kernel by kernel it takes more than twice as long: each step would turn the recurrent
 * kernel and give it a gradient of its own, where one product over all steps does.
 */
export function runLstmSequence(fromInputs: Tensor3D, kernel: Tensor2D, start: LstmState, walk: Walk): Tensor3D {
  const run = customGrad<Tensor>((...given) => {
    const [inputs, recurrent, hidden, cell] = given as [Tensor3D, Tensor2D, Tensor2D, Tensor2D];
    const { states, traces } = walkThere(inputs, recurrent, { hidden, cell }, walk);
    (given.at(-1) as GradSaveFunc)([recurrent, ...traces.flat()]);
    return {
      value: states,
      gradFunc: (dy, [by, ...kept]) => walkBack(dy as Tensor3D, by as Tensor2D, kept as Tensor2D[], walk),
    };
  });
  return run(fromInputs, kernel, start.hidden, start.cell) as Tensor3D;
}

function walkThere(inputs: Tensor3D, recurrent: Tensor2D, start: LstmState, { order, lengths }: Walk) {
  const steps = unstack(inputs) as Tensor2D[]; // [B, 4D] each
  const [hiddens, cells, traces]: [Tensor2D[], Tensor2D[], Trace[]] = [[], [], []];
  let { hidden, cell } = start;
  for (const at of order) {
    const gates = openLstmGates(steps[at]!, matMul(hidden, recurrent));
    const after = passLstmGates(gates, cell);
    traces.push([gates.write, gates.keep, gates.candidate, gates.tell, tanh(after.cell), hidden, cell]);
    const real = stepMask(lengths, at);
    const carried = (old: Tensor2D, fresh: Tensor2D): Tensor2D => (real ? add(old, mul(real, sub(fresh, old))) : fresh);
    [hidden, cell] = [carried(hidden, after.hidden), carried(cell, after.cell)];
    [hiddens[at], cells[at]] = [hidden, cell];
  }
  return { states: stack([...hiddens, ...cells]) as Tensor3D, traces };
}

/** dy `[2T, B, D]` → the gradients of the four inputs of `runLstmSequence`. */
function walkBack(dy: Tensor3D, recurrent: Tensor2D, kept: readonly Tensor2D[], { order, lengths }: Walk): Tensor[] {
  const told = unstack(dy) as Tensor2D[];
  const count = order.length;
  const turned: Tensor2D = transpose(recurrent); // [4D, D]
  const toInputs: Tensor2D[] = [];
  let toHidden = zerosLike(kept[5]!);
  let toCell = zerosLike(toHidden);
  for (let taken = count - 1; taken >= 0; taken--) {
    const at = order[taken]!;
    const trace = kept.slice(taken * KEPT, (taken + 1) * KEPT) as unknown as Trace;
    const real = stepMask(lengths, at);
    const [hidden, cell] = [add<Tensor2D>(toHidden, told[at]!), add<Tensor2D>(toCell, told[count + at]!)];
    const share = (gradient: Tensor2D): Tensor2D => (real ? mul(gradient, real) : gradient);
    const back = stepBack(trace, share(hidden), share(cell));
    toInputs[at] = back.gates;
    const passed = (gradient: Tensor2D, behind: Tensor2D): Tensor2D =>
      real ? add(behind, mul(gradient, sub(1, real))) : behind; // what a row that is over hands through
    toHidden = passed(hidden, matMul(back.gates, turned));
    toCell = passed(cell, back.cell);
  }
  const rows = (parts: readonly Tensor2D[]): Tensor2D => concat([...parts], 0); // [T·B, …]
  const hiddens = rows(order.map((_, taken) => kept[taken * KEPT + 5]!));
  const toKernel = matMul(hiddens, rows(order.map((at) => toInputs[at]!)), true); // [D, 4D]
  return [stack(toInputs), toKernel, toHidden, toCell];
}

/** Gradients of the state behind a step → of what its gates were opened by, `[B, 4D]`, and of the cell before. */
function stepBack([write, keep, candidate, tell, bent, , cellBefore]: Trace, toHidden: Tensor2D, toCell: Tensor2D) {
  const cell = add<Tensor2D>(toCell, mul(mul(toHidden, tell), sub(1, square(bent))));
  const throughSigmoid = (gradient: Tensor, gate: Tensor): Tensor2D => mul(gradient, mul(gate, sub(1, gate)));
  const gates = concat(
    [
      throughSigmoid(mul(cell, candidate), write),
      throughSigmoid(mul(cell, cellBefore), keep),
      mul<Tensor2D>(mul(cell, write), sub(1, square(candidate))),
      throughSigmoid(mul(toHidden, bent), tell),
    ],
    1,
  );
  return { gates, cell: mul<Tensor2D>(cell, keep) };
}
