import { add, mul, sigmoid, split, sub, tanh, tidy, type Tensor2D } from "@tensorflow/tfjs-core";

/**
 * How far the gates of a gated recurrent unit (Cho et al. 2014) stand open, 0 to 1, and what it would write, -1 to 1;
 * `[B, D]` each, in PyTorch's order.
 */
export type GruGates = {
  readonly reset: Tensor2D; // r, how much of the state goes into the candidate
  readonly keep: Tensor2D; // z, the update gate: how much of the state stays
  readonly candidate: Tensor2D; // n
};

/**
 * What the input and the state before come to, `[B, 3D]` each → the gates, as `nn.GRUCell`, whose reset gate acts behind
 * the recurrent product; the caller owns them.
 */
export const openGruGates = (fromInput: Tensor2D, fromState: Tensor2D): GruGates =>
  tidy(() => {
    const [inputReset, inputKeep, inputCandidate] = split(fromInput, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    const [stateReset, stateKeep, stateCandidate] = split(fromState, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
    const reset = sigmoid(add<Tensor2D>(inputReset, stateReset)); // [B, D]
    const keep = sigmoid(add<Tensor2D>(inputKeep, stateKeep));
    return { reset, keep, candidate: tanh(add<Tensor2D>(inputCandidate, mul(reset, stateCandidate))) };
  });

/** The state `[B, D]` passes the gates: (1 − z) n + z h; the caller's own. */
export const passGruGates = ({ keep, candidate }: GruGates, hidden: Tensor2D): Tensor2D =>
  tidy(() => add(candidate, mul(keep, sub(hidden, candidate))));
