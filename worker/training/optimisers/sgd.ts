import { add, mul, sub } from "@tensorflow/tfjs-core";
import { createOptimiser, type Optimiser, type Optimised, type UpdateRule } from "./optimiser.ts";

export type SgdOptions = {
  /** Share of the last update that goes into the next, 0 to 1. Default 0, which remembers nothing. */
  readonly momentum?: number | undefined;
  /** Look ahead by the momentum (Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean | undefined;
};

/** Stochastic gradient descent as `torch.optim.SGD`; weight decay is part of the gradient. Slot `momentum`. */
export const createSgd = (trained: Optimised, { momentum = 0, nesterov = false }: SgdOptions = {}): Optimiser =>
  createOptimiser(trained, momentum > 0 ? withMomentum(momentum, nesterov) : plain);

const plain: UpdateRule = {
  slots: [],
  update: (parameter, gradient, _, { rate, decay }) => [
    sub(parameter, mul(add(gradient, mul(parameter, decay)), rate)),
  ],
};

const withMomentum = (momentum: number, nesterov: boolean): UpdateRule => ({
  slots: ["momentum"],
  update(parameter, gradient, [last], { rate, decay }) {
    const slope = add(gradient, mul(parameter, decay));
    const velocity = add(mul(last!, momentum), slope);
    const direction = nesterov ? add(slope, mul(velocity, momentum)) : velocity;
    return [sub(parameter, mul(direction, rate)), velocity];
  },
});
