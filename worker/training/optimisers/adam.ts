import { add, div, mul, sqrt, square, sub, type Tensor } from "@tensorflow/tfjs-core";
import { createOptimiser, type Optimiser, type Optimised, type Update, type UpdateRule } from "./optimiser.ts";

export type AdamOptions = {
  /** Shares of the running first and second moment that stay at each update. Default 0.9 and 0.999. */
  readonly betas?: readonly [number, number] | undefined;
  /** Beside the root, against division by zero. Default 1e-8. */
  readonly epsilon?: number | undefined;
};

/** Adam (Kingma & Ba 2015) as `torch.optim.Adam`; weight decay is part of the gradient. Slots `first`, `second`. */
export const createAdam = (trained: Optimised, options: AdamOptions = {}): Optimiser => {
  const { slots, update } = followMoments(options);
  return createOptimiser(trained, {
    slots,
    update: (parameter, gradient, moments, now) =>
      update(parameter, add(gradient, mul(parameter, now.decay)), moments, now),
  });
};

/** Adam's update without any decay: against the first moment, divided by the root of the second, both unbiased. */
export function followMoments({ betas: [keep1, keep2] = [0.9, 0.999], epsilon = 1e-8 }: AdamOptions): UpdateRule {
  const blend = (moment: Tensor, keep: number, fresh: Tensor): Tensor => add(mul(moment, keep), mul(fresh, 1 - keep));
  return {
    slots: ["first", "second"],
    update(parameter: Tensor, gradient: Tensor, [oldFirst, oldSecond]: readonly Tensor[], { rate, step }: Update) {
      const first = blend(oldFirst!, keep1, gradient);
      const second = blend(oldSecond!, keep2, square(gradient));
      const deviation = mul(sqrt(second), 1 / Math.sqrt(1 - keep2 ** step));
      const direction = div(first, add(deviation, epsilon));
      return [sub(parameter, mul(direction, rate / (1 - keep1 ** step))), first, second];
    },
  };
}
